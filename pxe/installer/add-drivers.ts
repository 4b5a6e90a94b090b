import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { driverFiles, parseDependencies, parseDriverList } from './drivers.ts'

/** The live system's list of disk drivers, for the installer too: what one writes to, the other does. */
export const DRIVER_LIST = path.join(import.meta.dirname, '../image/storage-drivers.txt')
const FILE_SYSTEM_DRIVERS = ['efivarfs', 'nls_ascii', 'nls_cp437', 'vfat']

type Kernel = { netboot: string; kernel: string; work: string }

/** The disk drivers of Debian's kernel package, and the index of all drivers. */
export async function addDrivers(root: string, { netboot, kernel, work }: Kernel): Promise<void> {
  const [version = ''] = await readdir(path.join(netboot, 'usr/lib/modules'))
  await mkdir(work, { recursive: true })
  await execa('dpkg-deb', ['-x', kernel, work])
  if (!(await isThere(path.join(work, 'lib')))) await symlink('usr/lib', path.join(work, 'lib'))
  await depmod(work, version)
  const modules = path.join(work, 'lib/modules', version)
  const dependencies = parseDependencies(await readFile(path.join(modules, 'modules.dep'), 'utf8'))
  const names = [...parseDriverList(await readFile(DRIVER_LIST, 'utf8')), ...FILE_SYSTEM_DRIVERS]
  const target = path.join(root, 'usr/lib/modules', version)
  for (const file of driverFiles(names, dependencies))
    await cp(path.join(modules, file), path.join(target, file))
  await indexDrivers(root, { netboot, version })
}

/** depmod over the drivers of both archives; the index goes into ours. */
async function indexDrivers(
  root: string,
  { netboot, version }: { netboot: string; version: string },
): Promise<void> {
  const here = path.join('usr/lib/modules', version)
  if (!(await isThere(path.join(netboot, 'lib'))))
    await symlink('usr/lib', path.join(netboot, 'lib'))
  await cp(path.join(root, here), path.join(netboot, here), { recursive: true })
  await depmod(netboot, version)
  for (const file of await readdir(path.join(netboot, here)))
    if (file.startsWith('modules.'))
      await cp(path.join(netboot, here, file), path.join(root, here, file))
}

/** Indexes the drivers of a folder. The program lies where only root looks. */
const depmod = (folder: string, version: string) =>
  execa('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin exec depmod -b "$1" "$2"', 'sh', folder, version])
