import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Vm } from '@muster/test/lab/vm.ts'
import { execa } from 'execa'

type Plan = {
  network: string
  folder: string
  /** Of the live system. */
  kernel: string
  initrd: string
  /** `http://ADDRESS:PORT`, and the path of the file there. */
  muster: string
  file: string
}

/** The live system's own drivers and network, then nothing but the file to the disk. */
const COPY = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
cd /lib/muster
. ./appliance.sh
. ./disk-id.sh
. ./facts.sh
. ./hardware.sh
. ./network.sh
MUSTER=$(parameter muster)
load_drivers
connect
wait_for_disk
say copy begins
wget -q -O - "$MUSTER$(parameter file)" | dd of=/dev/vda bs=4M iflag=fullblock oflag=direct
say copy ends
poweroff -f
`

/** Seconds that a PC in QEMU needs to put a file of the appliance on its disk as it is. */
export async function rawCopy({
  network,
  folder,
  kernel,
  initrd,
  muster,
  file,
}: Plan): Promise<number> {
  const vm = new Vm({
    name: 'copy1',
    folder,
    firmware: 'bios',
    network,
    mac: '52:54:00:77:0c:01',
    disks: [{ bytes: 6 * 1024 ** 3 }],
    direct: {
      kernel,
      initrd: await withInit(initrd, folder),
      parameters: `muster=${muster} file=${file} console=ttyS0,115200n8 quiet`,
    },
  })
  await vm.powerOn()
  await vm.says(/copy ends/, 300)
  const at = (words: string) =>
    vm.serial.lines.find(({ text }) => text.includes(words))?.seconds ?? Number.NaN
  const seconds = at('copy ends') - at('copy begins')
  await vm.remove()
  return seconds
}

/** The initramfs with another init: the kernel takes several archives in a row, and the last file of a name counts. */
async function withInit(initrd: string, folder: string): Promise<string> {
  const root = path.join(folder, 'copy-init')
  await mkdir(path.join(root, 'lib/muster'), { recursive: true })
  await writeFile(path.join(root, 'lib/muster/init'), COPY, { mode: 0o755 })
  const archive = await execa('cpio', ['-o', '-H', 'newc', '--quiet'], {
    cwd: root,
    input: 'lib/muster/init\n',
    encoding: 'buffer',
  })
  const base = await readFile(initrd)
  const gap = Buffer.alloc((4 - (base.length % 4)) % 4)
  const target = path.join(folder, 'copy-initrd')
  await writeFile(target, Buffer.concat([base, gap, archive.stdout]))
  return target
}
