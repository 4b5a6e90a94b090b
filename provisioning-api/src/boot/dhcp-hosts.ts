import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere, publishFile } from '@muster/base/atomic-file.ts'
import type { bootFiles } from '@muster/base/state.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { dhcpHostLines, isDefault } from './boot-binary.ts'

type Files = Pick<ReturnType<typeof bootFiles>, 'folder' | 'dhcpHosts'>

/**
 * Tells dnsmasq which first program a machine loads. What it read last about a machine counts, so that the
 * default is written, too: a file that went is forgotten only on SIGHUP, and dnsmasq 2.90 aborts on SIGHUP
 * once it has answered a machine of such a file.
 */
export async function writeDhcpHosts(
  files: Files,
  { id, macs, boot_binary }: Pick<BootMachine, 'id' | 'macs' | 'boot_binary'>,
): Promise<void> {
  const file = path.join(files.dhcpHosts, id)
  if (isDefault(boot_binary) && !(await isThere(file))) return
  await mkdir(files.dhcpHosts, { recursive: true, mode: 0o755 })
  // The draft lies outside of the folder: dnsmasq would take it for a second machine.
  const draft = path.join(files.folder, `dhcp-host-${id}.draft`)
  await writeFile(draft, dhcpHostLines(macs, boot_binary), { mode: 0o644 })
  await publishFile(draft, file)
}
