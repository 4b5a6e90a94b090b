import { copyFile, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { bootstrap, EPOCH } from './bootstrap.ts'
import { ROOT_PACKAGES } from './packages.ts'
import { type Build, stage } from './stage.ts'
import { textOf, textsBelow } from './texts.ts'

const HERE = import.meta.dirname
const EXCLUDE = path.join(HERE, 'dpkg-exclude.cfg')
const INITRAMFS = path.join(HERE, 'initramfs')
/** Module names of everything that finds a disk, one list for the installed system and the live system. */
export const STORAGE_DRIVERS = path.join(HERE, 'storage-drivers.txt')

/** Made anew on each machine, or left by the installation of packages; patterns below `/`. */
const NOT_SHIPPED = [
  'etc/apt/sources.list',
  'etc/hostname',
  'etc/resolv.conf',
  'etc/ssh/ssh_host_*',
  'var/cache/apt/*.bin',
  'var/cache/ldconfig/aux-cache',
  'var/lib/apt/lists/*',
  'var/lib/dpkg/*-old',
]

/** A folder with Debian 13 as it is on every machine, nobody's yet (about a minute, once). */
export async function obtainDebian(build: Build): Promise<string> {
  const inputs = [
    ROOT_PACKAGES.join(),
    NOT_SHIPPED.join(),
    await textOf(STORAGE_DRIVERS),
    await textOf(EXCLUDE),
    ...(await textsBelow(INITRAMFS)),
  ]
  return stage(build, { name: 'debian', inputs, make: (target) => install(build, target) })
}

async function install(build: Build, target: string): Promise<void> {
  build.say('installing Debian 13 into a folder')
  const started = Math.floor(Date.now() / 1000)
  await bootstrap(build, {
    target,
    variant: 'minbase',
    packages: ROOT_PACKAGES,
    more: [
      `--dpkgopt=${EXCLUDE}`,
      '--dpkgopt=force-unsafe-io',
      `--setup-hook=mkdir -p "$1/etc/initramfs-tools" && cp -R ${INITRAMFS}/. "$1/etc/initramfs-tools"`,
      `--setup-hook=install -D -m644 ${STORAGE_DRIVERS} "$1/usr/local/lib/muster/storage-drivers.txt"`,
    ],
  })
  await forgetBuild(target)
  await dateBuild(target, started)
}

async function forgetBuild(root: string): Promise<void> {
  const dpkg = path.join(root, 'etc/dpkg/dpkg.cfg.d')
  await copyFile(EXCLUDE, path.join(dpkg, 'muster'))
  await rm(path.join(dpkg, '99mmdebstrap'))
  await rm(path.join(root, 'etc/apt/apt.conf.d/99mmdebstrap'), { force: true })
  const gone = NOT_SHIPPED.map((pattern) => `${root}/${pattern}`).join(' ')
  await execa('sh', ['-c', `rm -rf ${gone}; find ${root}/var/log -type f -delete`])
  // An empty file gets an id at the first boot.
  await writeFile(path.join(root, 'etc/machine-id'), '')
}

/** Gives what the build made one date; what came out of packages keeps its own, which Python's compiled files name. */
async function dateBuild(root: string, started: number): Promise<void> {
  const made = ['-newermt', `@${started - 1}`]
  const date = ['-exec', 'touch', '-h', '-d', `@${EPOCH}`, '{}', '+']
  await execa('find', [root, '-xdev', ...made, ...date])
}

/** Packages with their versions, one on a line. */
export async function packageVersions(root: string): Promise<string> {
  const { stdout } = await execa('chroot', [
    root,
    'dpkg-query',
    '-W',
    '-f',
    '${Package} ${Version}\\n',
  ])
  return `${stdout}\n`
}

/** The version of the one kernel that is installed there. */
export async function kernelVersion(root: string): Promise<string> {
  const [version, ...others] = await readdir(path.join(root, 'usr/lib/modules'))
  if (!version || others.length > 0) throw new Error(`expected one kernel in ${root}`)
  return version
}
