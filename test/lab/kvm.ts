import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'

/** mov al,0x15; mov dx,0xf4; out dx,al: the test device then ends QEMU with status 0x15 * 2 + 1. */
const SECTOR = [0xb0, 0x15, 0xba, 0xf4, 0x00, 0xee, 0xf4, 0xeb, 0xfd]
const REACHED = 43

let works: Promise<boolean> | undefined

/** Whether a firmware and a boot sector really run with KVM: a /dev/kvm that opens is not enough inside some clouds. */
export function kvmWorks(): Promise<boolean> {
  works ??= probe()
  return works
}

async function probe(): Promise<boolean> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-kvm-'))
  try {
    const sector = Buffer.alloc(512)
    sector.set(SECTOR)
    sector.writeUInt16LE(0xaa55, 510)
    await writeFile(path.join(folder, 'sector'), sector)
    const drive = `if=floppy,format=raw,file=${path.join(folder, 'sector')}`
    const machine = ['-machine', 'pc', '-accel', 'kvm', '-cpu', 'max', '-nodefaults']
    const rest = ['-display', 'none', '-device', 'isa-debug-exit,iobase=0xf4', '-drive', drive]
    const run = await execa('qemu-system-x86_64', [...machine, ...rest], {
      reject: false,
      timeout: 3_000,
    })
    return run.exitCode === REACHED
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The accelerator QEMU gets: real virtualisation where it works, else emulation with a thread per core. */
export const accelerator = async (): Promise<string> =>
  (await kvmWorks()) ? 'kvm' : 'tcg,thread=multi'
