import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { publishFile } from '@muster/base/atomic-file.ts'
import type { bootFiles } from '@muster/base/state.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { dhcpHostLines } from './boot-binary.ts'

type Files = Pick<ReturnType<typeof bootFiles>, 'folder' | 'dhcpHosts' | 'dnsmasqPid'>

/**
 * Tells dnsmasq which first program a machine loads. dnsmasq reads a file that it sees the moment it is
 * written, and one that changed or went only on SIGHUP.
 */
export async function writeDhcpHosts(
  files: Files,
  { id, macs, boot_binary }: Pick<BootMachine, 'id' | 'macs' | 'boot_binary'>,
): Promise<void> {
  const lines = dhcpHostLines(macs, boot_binary)
  const file = path.join(files.dhcpHosts, id)
  await mkdir(files.dhcpHosts, { recursive: true, mode: 0o755 })
  if (lines === '') await rm(file, { force: true })
  else await publish(files, { id, file, lines })
  await hangUp(files.dnsmasqPid)
}

type Lines = { id: string; file: string; lines: string }

/** The draft lies outside of the folder: dnsmasq would take it for a second machine. dnsmasq has a user of its own. */
async function publish(files: Files, { id, file, lines }: Lines): Promise<void> {
  const draft = path.join(files.folder, `dhcp-host-${id}.draft`)
  await writeFile(draft, lines, { mode: 0o644 })
  await publishFile(draft, file)
}

async function hangUp(pidFile: string): Promise<void> {
  const pid = Number(await readOr(pidFile, ''))
  if (!Number.isInteger(pid) || pid <= 1) return
  // The number may be another program's by now.
  if ((await readOr(`/proc/${pid}/comm`, '')).trim() !== 'dnsmasq') return
  try {
    process.kill(pid, 'SIGHUP')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

const readOr = (file: string, absent: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => absent)
