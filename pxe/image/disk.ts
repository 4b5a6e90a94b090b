import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { biosBootCode } from './boot-code.ts'
import { makeBootLoaders } from './boot-loader.ts'
import { DATED, EPOCH } from './bootstrap.ts'
import { imageBytes, LAYOUT, partitionTable, ROOT_UUID, rootBytes } from './layout.ts'
import type { Tools } from './tools.ts'

type Plan = {
  /** `/` of the machine. */
  root: string
  /** Where the disk and its drafts are made. */
  folder: string
}

/** Makes `disk.raw`, which boots with BIOS and with UEFI. No loop device, no mount: it runs in any container. */
export async function makeDisk(tools: Tools, { root, folder }: Plan): Promise<string> {
  const at = (name: string) => path.join(folder, name)
  const { stdout } = await execa('du', ['-s', '--block-size=1', root])
  const bytes = rootBytes(Number.parseInt(stdout, 10))
  await makeBootLoaders(tools, folder)
  await makeRootFilesystem(tools, { root, file: at('root.ext4'), bytes })
  await makeEsp(tools, { file: at('esp'), loader: at('BOOTX64.EFI') })
  await sized(at('disk.raw'), imageBytes(bytes))
  await tools.run('sbin/sfdisk', ['--quiet', at('disk.raw')], { input: partitionTable(bytes) })
  await copyInto(at('disk.raw'), at('esp'), LAYOUT.esp.start)
  await copyInto(at('disk.raw'), at('root.ext4'), LAYOUT.root.start)
  await writeBootCode(tools, folder)
  return at('disk.raw')
}

async function makeRootFilesystem(
  tools: Tools,
  { root, file, bytes }: { root: string; file: string; bytes: number },
): Promise<void> {
  await sized(file, bytes)
  const tar = `${file}.tar`
  const names = ['--sort=name', '--numeric-owner', '--xattrs', '--xattrs-include=*']
  const dates = '--pax-option=delete=atime,delete=ctime'
  await execa('tar', ['--format=posix', ...names, dates, '-C', root, '-cf', tar, '.'])
  const extended = `hash_seed=${ROOT_UUID},lazy_itable_init=1,lazy_journal_init=1`
  await tools.run(
    'sbin/mke2fs',
    [
      ...['-q', '-F', '-t', 'ext4', '-L', 'root', '-U', ROOT_UUID, '-E', extended],
      ...['-O', '^metadata_csum_seed,^orphan_file', '-J', 'size=32', '-i', '16384', '-m', '1'],
      ...['-d', tar, file],
    ],
    { env: DATED },
  )
}

async function makeEsp(
  tools: Tools,
  { file, loader }: { file: string; loader: string },
): Promise<void> {
  await sized(file, LAYOUT.esp.bytes)
  const id = ['-i', '4d757374', '-n', 'ESP', '--invariant']
  await tools.run('sbin/mkfs.fat', ['-F', '32', '-s', '1', ...id, file])
  await tools.run('bin/mmd', ['-i', file, '::EFI', '::EFI/BOOT'], { env: DATED })
  await execa('touch', ['-d', `@${EPOCH}`, loader])
  await tools.run('bin/mcopy', ['-m', '-i', file, loader, '::EFI/BOOT/BOOTX64.EFI'], { env: DATED })
}

async function writeBootCode(tools: Tools, folder: string): Promise<void> {
  const boot = await readFile(path.join(tools.root, 'usr/lib/grub/i386-pc/boot.img'))
  const core = await readFile(path.join(folder, 'core.img'))
  const disk = await open(path.join(folder, 'disk.raw'), 'r+')
  try {
    for (const { at, bytes } of biosBootCode(boot, core))
      await disk.write(bytes, 0, bytes.length, at)
  } finally {
    await disk.close()
  }
}

async function sized(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w')
  await handle.truncate(bytes)
  await handle.close()
}

/** Copies a file to this byte of the disk; holes stay holes. */
const copyInto = (disk: string, file: string, at: number) =>
  execa('dd', [
    ...[`if=${file}`, `of=${disk}`, 'bs=1M', `seek=${at}`, 'oflag=seek_bytes'],
    ...['conv=notrunc,sparse', 'status=none'],
  ])
