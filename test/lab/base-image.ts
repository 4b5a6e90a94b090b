import { createHash } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { cacheFolder } from '@muster/base/state.ts'
import { mirror } from '@muster/cluster/debian-packages.ts'
import { execa } from 'execa'

const PACKAGES = [
  'systemd-sysv',
  'dbus',
  'udev',
  'openssh-server',
  'python3',
  'python3-apt',
  'ifupdown',
  'iproute2',
  'iputils-ping',
  'netbase',
  'procps',
  'curl',
  'ca-certificates',
]
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** What an appliance calls besides: its tests have no mirror in reach. */
export const APPLIANCE_PACKAGES = ['ansible-core', 'openssh-client', 'dnsmasq-base']

/** The root folder of a Debian 13 machine, made once by mmdebstrap (about a minute) and then only read. */
export async function baseImage(more: readonly string[] = []): Promise<string> {
  const packages = [...PACKAGES, ...more]
  const name = createHash('sha256').update(packages.join()).digest('hex').slice(0, 12)
  const folder = path.join(cacheFolder(), 'test', `debian13-${name}`)
  if (await isThere(folder)) return folder
  await mkdir(path.dirname(folder), { recursive: true })
  const draft = `${folder}.draft`
  await rm(draft, { recursive: true, force: true })
  await execa('mmdebstrap', [
    '--quiet',
    '--mode=root',
    '--variant=minbase',
    '--arch=amd64',
    '--aptopt=APT::Install-Recommends "false"',
    '--dpkgopt=force-unsafe-io',
    `--include=${packages.join(',')}`,
    'trixie',
    draft,
    `deb [signed-by=${KEYRING}] ${await mirror()} trixie main`,
  ])
  // Which mirror it came from is the business of the machine that made it.
  await rm(path.join(draft, 'etc/apt/sources.list'), { force: true })
  await rename(draft, folder)
  return folder
}
