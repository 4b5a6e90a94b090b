import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd, temporaryFolder, until } from './harness.ts'

/** Options of a test that runs a PC with iPXE in its network card. */
export const withoutQemu = { skip: hasQemu() ? false : 'needs qemu-system-x86_64' } as const

function hasQemu(): boolean {
  try {
    execFileSync('qemu-system-x86_64', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A boot sector that says "DISK" on the serial port and halts. */
const BOOT_SECTOR = Buffer.alloc(512)
Buffer.from([
  0xba,
  0xf8,
  0x03,
  ...[...'DISK'].flatMap((letter) => [0xb0, letter.charCodeAt(0), 0xee]),
  0xf4,
]).copy(BOOT_SECTOR)
BOOT_SECTOR.writeUInt16LE(0xaa55, 510)

type Options = { port: number; cpu?: string; disk?: 'blank' | 'system' }

/**
 * A PC whose network card has the real iPXE, in QEMU without any network but the way to a port of this host.
 * Its cards are 52:54:00:00:00:01 and 02.
 */
export async function startIpxe(t: TestContext, options: Options) {
  const folder = await temporaryFolder(t)
  const [disk, serial] = [path.join(folder, 'disk'), path.join(folder, 'serial')]
  await writeFile(disk, options.disk === 'system' ? BOOT_SECTOR : '')
  await truncate(disk, 64 * 1024 * 1024)
  const first = `user,id=n0,restrict=on,guestfwd=tcp:10.0.2.100:80-tcp:127.0.0.1:${options.port}`
  const child = spawn('qemu-system-x86_64', [
    ...['-machine', 'q35,graphics=off', '-accel', 'tcg', '-cpu', options.cpu ?? 'max', '-m', '256'],
    ...['-nodefaults', '-display', 'none', '-serial', `file:${serial}`],
    ...['-uuid', '4c4c4544-0039-5a10-8054-b4c04f4d3031'],
    ...['-smbios', 'type=1,manufacturer=A && B,product=Opti 100% #1,serial=x||y'],
    ...['-drive', `file=${disk},format=raw,if=virtio`],
    ...['-netdev', `${first},bootfile=http://10.0.2.100/boot.ipxe`],
    ...['-device', 'virtio-net-pci,netdev=n0,bootindex=1,mac=52:54:00:00:00:01'],
    ...['-netdev', 'user,id=n1,restrict=on'],
    ...['-device', 'virtio-net-pci,netdev=n1,mac=52:54:00:00:00:02'],
  ])
  atEnd(t, () => end(child))
  const screen = () => readFile(serial, 'utf8').catch(() => '')
  const shows = (text: string | RegExp) =>
    until(`the screen shows ${text}`, async () => (await screen()).match(text), 120)
  return { screen, shows }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill()
  await once(child, 'exit')
}
