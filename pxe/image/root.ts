import { cp, mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { obtainBinary } from '@muster/cluster/binaries.ts'
import { llamaVersion, obtainLlamaRoot } from '@muster/cluster/llama-root.ts'
import { type ReleaseName, releases } from '@muster/cluster/versions.ts'
import { execa } from 'execa'
import { DATED, EPOCH } from './bootstrap.ts'
import type { Build } from './stage.ts'
import { textsBelow } from './texts.ts'

/** Our own files of a machine, by their place below `/`. */
const FILES = path.join(import.meta.dirname, 'root')
/** As `muster_root` of the roles. */
const MUSTER = '/opt/muster'
const SERVICES = ['systemd-networkd', 'systemd-networkd-wait-online', 'ssh']

/** The partition is as large as the disk; the file system becomes so when it is mounted. */
const GROWS = ['local-fs.target', 'systemd-growfs-root.service']

/** Units that cost time at each boot and have nothing to do on a node. */
const MASKED = [
  'apt-daily-upgrade.timer',
  'apt-daily.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'ldconfig.service',
  'systemd-firstboot.service',
  'systemd-hwdb-update.service',
  'systemd-journal-catalog-update.service',
  'systemd-pcrmachine.service',
  'systemd-pcrphase-sysinit.service',
  'systemd-pcrphase.service',
  'systemd-tpm2-setup-early.service',
  'systemd-tpm2-setup.service',
]
/** As the role `consul` makes it. */
const CONSUL_USER = ['--home-dir', '/var/lib/consul', '--shell', '/usr/sbin/nologin', 'consul']

/** Everything that decides what `makeRoot` adds to Debian. */
export const rootInputs = async (): Promise<string[]> => [
  releases.consul.version,
  releases.nomad.version,
  llamaVersion,
  SERVICES.join(),
  GROWS.join(),
  MASKED.join(),
  CONSUL_USER.join(),
  ...(await textsBelow(FILES)),
]

/** `/` of a machine in a folder: Debian, our settings, and Muster's programs where the roles would put them. */
export async function makeRoot(build: Build, debian: string, root: string): Promise<void> {
  build.say('adding the settings of a machine')
  const started = Math.floor(Date.now() / 1000)
  await execa('cp', ['-a', `${debian}/.`, root])
  await execa('cp', ['-R', '--no-preserve=ownership', `${FILES}/.`, root])
  await symlink('../run/systemd/resolve/stub-resolv.conf', path.join(root, 'etc/resolv.conf'))
  await inside(root, ['systemctl', '-q', 'enable', ...SERVICES])
  await inside(root, ['systemctl', '-q', 'add-wants', ...GROWS])
  await inside(root, ['systemctl', '-q', 'mask', ...MASKED])
  await inside(root, ['useradd', '--system', '--no-create-home', ...CONSUL_USER])
  await addPrograms(build, path.join(root, MUSTER))
  await execa('find', [
    ...[root, '-newermt', `@${started - 1}`],
    ...['-exec', 'touch', '-h', '-d', `@${EPOCH}`, '{}', '+'],
  ])
}

const inside = (root: string, command: readonly string[]) =>
  execa('chroot', [root, ...command], { env: DATED })

async function addPrograms(build: Build, muster: string): Promise<void> {
  for (const folder of ['artifacts', 'bin', 'llama', 'models'])
    await mkdir(path.join(muster, folder), { recursive: true })
  for (const name of ['consul', 'nomad'] as const) await addProgram(build, name, muster)
  const llama = await obtainLlamaRoot(build)
  build.say('copying llama.cpp')
  const target = path.join(muster, 'llama', llamaVersion)
  await cp(llama, target, { recursive: true, verbatimSymlinks: true })
  await execa('chown', ['-hR', '0:0', muster])
}

async function addProgram(build: Build, name: ReleaseName, muster: string): Promise<void> {
  const folder = `${name}-${releases[name].version}`
  const program = await obtainBinary(name, build)
  build.say(`copying ${name}`)
  await mkdir(path.join(muster, folder))
  await cp(program, path.join(muster, folder, name))
  await symlink(path.join(MUSTER, folder, name), path.join(muster, 'bin', name))
}
