import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { statOf } from '@muster/base/process-id.ts'
import type { Say } from '@muster/cluster/progress-sink.ts'
import { execa } from 'execa'

/** What every step of a build is given. `cache` is the folder of what can be made again. */
export type Build = { cache: string; say: Say; signal: AbortSignal }

type Stage = {
  /** A word; the folder is named by it and by the inputs. */
  name: string
  /** Everything that decides what comes out. */
  inputs: readonly string[]
  /** Fills the empty folder. */
  make: (draft: string) => Promise<void>
}

/** Folders of one name that are kept: the last, and one that another build may be reading. */
const KEPT = 2

/** A folder that was made from its inputs, kept until they change. The name holds all of it or is not there. */
export async function stage({ cache }: Build, { name, inputs, make }: Stage): Promise<string> {
  const parent = path.join(cache, 'boot')
  const folder = path.join(parent, `${name}-${keyOf(inputs)}`)
  if (await isThere(folder)) return folder
  await mkdir(parent, { recursive: true })
  await forgetOlder(parent, name)
  // Two builds at a time make two drafts; the first that is done gives the folder.
  const draft = `${folder}.${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft)
  try {
    await make(draft)
    await execa('sync', ['-f', draft])
    await rename(draft, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

/** Twelve hex digits that stand for all of these texts. */
const keyOf = (inputs: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)

/** Takes away drafts whose makers died, and the oldest folders. */
async function forgetOlder(parent: string, name: string): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]{12}(?:\\.(\\d+))?$`)
  const folders: { place: string; madeAt: number }[] = []
  for (const entry of await readdir(parent)) {
    const [found, maker] = pattern.exec(entry) ?? []
    if (!found) continue
    const place = path.join(parent, entry)
    if (!maker) folders.push({ place, madeAt: (await stat(place)).ctimeMs })
    else if (!statOf(Number(maker))) await rm(place, { recursive: true, force: true })
  }
  folders.sort((one, other) => other.madeAt - one.madeAt)
  for (const { place } of folders.slice(KEPT - 1)) await rm(place, { recursive: true, force: true })
}
