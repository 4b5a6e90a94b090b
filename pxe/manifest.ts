import { readFile } from 'node:fs/promises'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { BootManifest, emptyManifest } from './contract/manifest.ts'

/** What was built so far; empty before the first build. */
export async function readManifest(state: string): Promise<BootManifest> {
  const text = await readFile(bootFiles(state).manifest, 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  return text ? BootManifest.parse(JSON.parse(text)) : emptyManifest
}

/** Records newly built parts beside those that are there. */
export async function addToManifest(state: string, parts: Partial<BootManifest>): Promise<void> {
  await privateFolder(bootFiles(state).folder)
  const manifest = BootManifest.parse({ ...(await readManifest(state)), ...parts })
  await replaceFile(bootFiles(state).manifest, `${JSON.stringify(manifest, null, 2)}\n`)
}
