import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
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

/** A folder that was made from its inputs, kept until they change. The name holds all of it or is not there. */
export async function stage({ cache }: Build, { name, inputs, make }: Stage): Promise<string> {
  const parent = path.join(cache, 'boot')
  const folder = path.join(parent, `${name}-${keyOf(inputs)}`)
  if (await isThere(folder)) return folder
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  await make(draft)
  await execa('sync', ['-f', draft])
  await rename(draft, folder)
  await forgetOlder(parent, { name, keep: path.basename(folder) })
  return folder
}

/** Twelve hex digits that stand for all of these texts. */
export const keyOf = (inputs: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)

async function forgetOlder(
  parent: string,
  { name, keep }: { name: string; keep: string },
): Promise<void> {
  const pattern = new RegExp(`^${name}-[0-9a-f]{12}(\\.draft)?$`)
  for (const entry of await readdir(parent))
    if (pattern.test(entry) && entry !== keep)
      await rm(path.join(parent, entry), { recursive: true, force: true })
}
