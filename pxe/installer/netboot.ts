import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import type { Apt } from '@muster/cluster/debian-packages.ts'
import { execa } from 'execa'
import { type Build, stage } from '../image/stage.ts'
import { DRIVER_LIST } from './add-drivers.ts'
import { downloadOnly, type Package } from './closure.ts'
import { type Parts, writeFirstRoot } from './first-root.ts'
import { FILE_SYSTEM_TOOLS, NETBOOT, UDEBS } from './packages.ts'

const HERE = import.meta.dirname
const IMAGES = 'usr/lib/debian-installer/images/13/amd64/text/debian-installer/amd64'

/** The mirror's packages for the system and the parts of its installer, each with its folder. */
export type Sources = { system: Apt; folder: string; parts: Apt; partsFolder: string }

type Installer = { sources: Sources; build: Build; suiteKey: Uint8Array }

/** A folder with `linux` and `initrd.gz`: Debian's installer with every part of it that we use. */
export async function obtainInstaller(wanted: Installer): Promise<string> {
  const { folder } = wanted.sources
  await forgetDead(folder)
  const work = path.join(folder, `work-${process.pid}`)
  await mkdir(work)
  try {
    return await makeInstaller(wanted, work)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Takes away what builds left that were killed. */
async function forgetDead(folder: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    const pid = Number(/^work-(\d+)$/.exec(entry)?.[1])
    if (pid && (pid === process.pid || !(await isThere(`/proc/${pid}`))))
      await rm(path.join(folder, entry), { recursive: true, force: true })
  }
}

async function makeInstaller(
  { sources, build, suiteKey }: Installer,
  work: string,
): Promise<string> {
  const { system, folder } = sources
  build.say('downloading the installer')
  const [netboot] = await downloadOnly(system, [NETBOOT], folder)
  const udebs = await downloadOnly(sources.parts, UDEBS, sources.partsFolder)
  const tools = await downloadOnly(system, FILE_SYSTEM_TOOLS, folder)
  await execa('dpkg-deb', ['-x', netboot!.file, path.join(work, 'netboot')])
  const images = path.join(work, 'netboot', IMAGES)
  const version = await kernelVersion(path.join(images, 'initrd.gz'))
  build.say(`drivers and file system tools are taken from the packages of Linux ${version}`)
  const [kernel] = await downloadOnly(system, [`linux-image-${version}`], folder)
  const parts: Parts = {
    netboot: path.join(images, 'initrd.gz'),
    udebs: udebs.map(({ file }) => file),
    fileSystemTools: tools.map(({ file }) => file),
    kernel: kernel!.file,
    suiteKey,
  }
  const key = createHash('sha256').update(suiteKey).digest('hex')
  const packages = [netboot!, ...udebs, ...tools, kernel!].map(identity)
  return stage(build, {
    name: 'installer',
    inputs: [...packages, key, ...(await ownTexts())],
    make: async (draft) => {
      build.say('putting every part of the installer into its first root')
      await copyFile(path.join(images, 'linux'), path.join(draft, 'linux'))
      await writeFirstRoot(path.join(draft, 'initrd.gz'), parts, path.join(work, 'first-root'))
    },
  })
}

const identity = ({ stanza }: Package): string => stanza.get('SHA256')!

/** The kernel that an installer's first root was made for, such as `6.12.1+deb13-amd64`. */
async function kernelVersion(initrd: string): Promise<string> {
  const command = `gzip -dc "$1" | cpio --quiet -t 'usr/lib/modules/*'`
  const { stdout } = await execa('sh', ['-c', command, 'sh', initrd])
  const version = /^usr\/lib\/modules\/([^/\n]+)/m.exec(stdout)?.[1]
  if (!version) throw new Error(`${NETBOOT} has no drivers in its first root`)
  return version
}

/** Every file of ours that decides what the installer is. */
export async function ownTexts(): Promise<string[]> {
  const entries = await readdir(path.join(HERE, 'root'), { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  const sources = [
    'add-drivers.ts',
    'first-root.ts',
    'installer-status.ts',
    'packages.ts',
    'suite.ts',
  ]
  const all = [...files, ...sources.map((name) => path.join(HERE, name)), DRIVER_LIST].sort()
  return Promise.all(all.map((file) => readFile(file, 'utf8')))
}
