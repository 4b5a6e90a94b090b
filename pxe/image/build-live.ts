import { copyFile, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { isThere, publishFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import type { Say } from '@muster/cluster/progress-sink.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import type { BootFile } from '../contract/manifest.ts'
import { addToManifest } from '../manifest.ts'
import { kernelVersion, obtainDebian, STORAGE_DRIVERS } from './debian.ts'
import { makeInitramfs } from './initramfs.ts'
import { type Build, stage } from './stage.ts'
import { textOf, textsBelow, wordsOf } from './texts.ts'
import { obtainTools } from './tools.ts'

const HERE = import.meta.dirname
const NETWORK_DRIVERS = path.join(HERE, 'network-drivers.txt')
/** The scripts of the live system. */
const SCRIPTS = path.join(HERE, '../live')
/** Drivers that no hardware asks for: to mount the root that was written. */
const MORE_DRIVERS = ['loop']

type Options = { state: string; cache: string; say: Say; signal: AbortSignal }

/**
 * Builds the live system, which looks at a machine and writes its disk, and publishes it in `<state>/boot/www/live`.
 * What did not change since the last build is kept in `cache`. Needs root and the machine's Debian mirror.
 */
export async function buildLive({ state, ...build }: Options): Promise<void> {
  const folder = await obtainLive(build)
  await addToManifest(state, {
    live: {
      kernel: await publish(state, path.join(folder, 'kernel'), 'linux'),
      initrd: await publish(state, path.join(folder, 'initrd'), 'initrd'),
    },
  })
}

/** A folder with `kernel` and `initrd` of the live system. */
export async function obtainLive(build: Build): Promise<string> {
  const debian = await obtainDebian(build)
  const tools = await obtainTools(build)
  const inputs = [
    path.basename(debian),
    path.basename(tools.root),
    await textOf(NETWORK_DRIVERS),
    await textOf(path.join(HERE, 'initramfs.ts')),
    ...(await textsBelow(SCRIPTS)),
  ]
  return stage(build, {
    name: 'live',
    inputs,
    make: async (target) => {
      build.say('packing the live system')
      const drivers = [...(await wordsOf(STORAGE_DRIVERS)), ...(await wordsOf(NETWORK_DRIVERS))]
      const kernel = await kernelVersion(debian)
      await copyFile(path.join(debian, 'boot', `vmlinuz-${kernel}`), path.join(target, 'kernel'))
      await makeInitramfs(tools, {
        debian,
        kernel,
        drivers: [...drivers, ...MORE_DRIVERS],
        scripts: SCRIPTS,
        target,
      })
    },
  })
}

async function publish(state: string, source: string, kind: string): Promise<BootFile> {
  const sha256 = await sha256Of(source)
  const file = `live/${sha256.slice(0, 12)}.${kind}`
  const target = path.join(bootFiles(state).www, file)
  await mkdir(path.dirname(target), { recursive: true })
  if (!(await isThere(target))) {
    await copyFile(source, `${target}.draft`)
    await publishFile(`${target}.draft`, target)
  }
  return { file, sha256, bytes: (await stat(target)).size }
}
