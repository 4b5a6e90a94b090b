import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere, publishFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import type { Say } from '@muster/cluster/progress-sink.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import { z } from 'zod'
import { addToManifest } from '../manifest.ts'
import { obtainDebian, packageVersions } from './debian.ts'
import { makeDisk } from './disk.ts'
import { makeRoot, rootInputs } from './root.ts'
import { type Build, stage } from './stage.ts'
import { obtainTools } from './tools.ts'

type Options = { state: string; cache: string; say: Say; signal: AbortSignal }

/** Highest level whose time is worth it on two cores; docs/DECISIONS.md has the figures. */
const ZSTD_LEVEL = 12
/** What decides the disk besides the files: raise it when the layout or the file systems change. */
const DISK_VERSION = '1'

const Facts = z.object({ sha256: z.string(), bytes: z.number(), size: z.number() })

/**
 * Builds the disk image of a machine and publishes it in `<state>/boot/www/image`. What did not change since the last
 * build is kept in `cache`. Needs root and the machine's Debian mirror.
 */
export async function buildImage({ state, ...build }: Options): Promise<void> {
  const debian = await obtainDebian(build)
  const folder = await stage(build, {
    name: 'image',
    inputs: [path.basename(debian), DISK_VERSION, String(ZSTD_LEVEL), ...(await rootInputs())],
    make: (draft) => makeImage(build, debian, draft),
  })
  await publish(state, folder)
}

async function makeImage(build: Build, debian: string, draft: string): Promise<void> {
  const tools = await obtainTools(build)
  const work = path.join(draft, 'work')
  await mkdir(path.join(work, 'root'), { recursive: true })
  await makeRoot(build, debian, path.join(work, 'root'))
  build.say('making the disk')
  const disk = await makeDisk(tools, { root: path.join(work, 'root'), folder: work })
  build.say('compressing the disk')
  const image = path.join(draft, 'disk.raw.zst')
  await tools.run('bin/zstd', ['-q', `-${ZSTD_LEVEL}`, '-T0', disk, '-o', image])
  await writeFile(path.join(draft, 'packages.txt'), await packageVersions(path.join(work, 'root')))
  const facts = {
    sha256: await sha256Of(image),
    bytes: (await stat(image)).size,
    size: (await stat(disk)).size,
  }
  await writeFile(path.join(draft, 'facts.json'), JSON.stringify(facts))
  await rm(work, { recursive: true })
}

async function publish(state: string, folder: string): Promise<void> {
  const facts = Facts.parse(JSON.parse(await readFile(path.join(folder, 'facts.json'), 'utf8')))
  const name = `image/${facts.sha256.slice(0, 12)}`
  const target = path.join(bootFiles(state).www, name)
  await mkdir(path.dirname(target), { recursive: true })
  for (const [source, extension] of [
    ['disk.raw.zst', 'raw.zst'],
    ['packages.txt', 'packages.txt'],
  ] as const) {
    if (await isThere(`${target}.${extension}`)) continue
    await copyFile(path.join(folder, source), `${target}.draft`)
    await publishFile(`${target}.draft`, `${target}.${extension}`)
  }
  await addToManifest(state, { image: { file: `${name}.raw.zst`, ...facts } })
}
