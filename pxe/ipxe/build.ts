import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere, privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import type { BootFile } from '../contract/manifest.ts'
import { addToManifest } from '../manifest.ts'
import { obtainIpxe, type Tools } from './obtain.ts'

/** The first binary of each kind of firmware, and those that an operator can choose instead. */
export const IPXE_BINARIES = [
  'undionly.kpxe',
  'undionly.kkpxe',
  'ipxe.pxe',
  'snponly.efi',
  'ipxe.efi',
] as const

/** What the UEFI binaries run first, wherever they were loaded from. */
const FIRST_SCRIPT = 'autoexec.ipxe'

/** dnsmasq serves over TFTP only what every user may read. */
const PUBLIC = 0o644

/** Puts the iPXE binaries where TFTP and HTTP serve them and records them; a second time changes nothing. */
export async function buildIpxe({ state, ...tools }: Tools & { state: string }): Promise<void> {
  await publishIpxe(state, await obtainIpxe(tools), tools.say)
}

/** The same from a folder that has the binaries. @throws Error where one that firmware gets by default is missing */
export async function publishIpxe(state: string, source: string, say: Tools['say']): Promise<void> {
  const { folder, tftp, www } = bootFiles(state)
  await privateFolder(folder)
  for (const place of [tftp, path.join(www, 'ipxe')]) await mkdir(place, { recursive: true })
  const ipxe: Record<string, BootFile> = {}
  for (const name of IPXE_BINARIES) {
    const from = path.join(source, name)
    if (!(await isThere(from))) {
      if (name === 'undionly.kpxe' || name === 'snponly.efi')
        throw new Error(`the iPXE package has no ${name}, without which no machine boots`)
      say(`the iPXE package has no ${name}: machines can't be given it`)
      continue
    }
    const file = `ipxe/${name}`
    const bytes = await readFile(from)
    await copy(bytes, path.join(tftp, name))
    await copy(bytes, path.join(www, file))
    ipxe[name] = { file, sha256: await sha256Of(from), bytes: bytes.length }
  }
  const script = await readFile(path.join(import.meta.dirname, FIRST_SCRIPT))
  await copy(script, path.join(tftp, FIRST_SCRIPT))
  await copy(script, path.join(www, 'ipxe', FIRST_SCRIPT))
  await addToManifest(state, { ipxe })
}

/** A machine that fetches it meanwhile gets the old one or the new one whole. */
async function copy(bytes: Buffer, target: string): Promise<void> {
  const present = await readFile(target).catch(() => undefined)
  if (present?.equals(bytes)) return
  await replaceFile(target, bytes, PUBLIC)
}
