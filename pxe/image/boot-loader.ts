import path from 'node:path'
import type { Tools } from './tools.ts'

/** GRUB's modules that read this disk and start a kernel; fewer are quicker to load. */
const MODULES = ['part_gpt', 'ext2', 'normal', 'linux', 'probe', 'boot', 'echo', 'minicmd', 'test']
/** The third partition of the disk that GRUB itself was started from. */
const PREFIX = '(,gpt3)/boot/grub'

const FORMATS = {
  'i386-pc': { file: 'core.img', own: ['biosdisk'] },
  'x86_64-efi': { file: 'BOOTX64.EFI', own: ['fat', 'efi_gop', 'efi_uga'] },
} as const

/** GRUB for both kinds of firmware as files in `folder`: `core.img` and `BOOTX64.EFI`. */
export async function makeBootLoaders({ run, root }: Tools, folder: string): Promise<void> {
  for (const [format, { file, own }] of Object.entries(FORMATS))
    await run('bin/grub-mkimage', [
      ...['--directory', path.join(root, 'usr/lib/grub', format), '--format', format],
      ...['--prefix', PREFIX, '--output', path.join(folder, file), ...own, ...MODULES],
    ])
}
