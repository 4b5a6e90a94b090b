import { readFile } from 'node:fs/promises'
import { MusterError } from '@muster/base/errors.ts'
import { BootManifest, emptyManifest } from '@muster/pxe/contract/manifest.ts'
import type { InstallMode } from '../../contract/machine.ts'
import type { Built } from './decision.ts'

/** What network boot has to serve now; a build may finish while the server runs. */
export async function readBuilt(manifestFile: string): Promise<BootManifest> {
  const text = await readFile(manifestFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text ? BootManifest.parse(JSON.parse(text)) : emptyManifest
}

export const builtParts = ({ live, image, installer }: BootManifest): Built => ({
  live: live !== null,
  image: image !== null,
  installer: installer !== null,
})

/** @throws MusterError `boot-not-built` with the parts that are missing */
export function requireBuilt(built: Built, mode: InstallMode): void {
  const needed = ['live', mode === 'image' ? 'image' : 'installer'] as const
  const missing = needed.filter((part) => !built[part])
  if (missing.length > 0) throw new MusterError('boot-not-built', { mode, missing })
}
