import { isThere } from '@muster/base/atomic-file.ts'
import { cacheFolder } from '@muster/base/state.ts'
import { obtainBinary } from '@muster/cluster/binaries.ts'
import { obtainLlamaRoot } from '@muster/cluster/llama-root.ts'
import { obtainIpxe } from '@muster/pxe/ipxe/obtain.ts'
import { execa } from 'execa'
import { APPLIANCE_PACKAGES, baseImage } from './base-image.ts'

/** Debian packages of the tests, each with a program that shows whether it is there. */
const TOOLS: Record<string, string> = {
  'ansible-core': '/usr/bin/ansible-playbook',
  'openssh-client': '/usr/bin/ssh-keygen',
  'systemd-container': '/usr/bin/systemd-nspawn',
  mmdebstrap: '/usr/bin/mmdebstrap',
  iproute2: '/usr/bin/ip',
  procps: '/usr/bin/pgrep',
  curl: '/usr/bin/curl',
  git: '/usr/bin/git',
  chromium: '/usr/bin/chromium',
  'xz-utils': '/usr/bin/xz',
  // network boot
  'apt-utils': '/usr/bin/apt-ftparchive',
  cpio: '/usr/bin/cpio',
  'dnsmasq-base': '/usr/sbin/dnsmasq',
  gnupg: '/usr/bin/gpg',
  kmod: '/usr/sbin/depmod',
  ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  'qemu-system-x86': '/usr/bin/qemu-system-x86_64',
  'vagrant-libvirt': '/usr/share/vagrant-plugins/plugins.d/vagrant-libvirt.json',
}

type Say = (line: string) => void

/** Installs what a test machine and a test cluster need, once per machine. Needs root and the machine's mirror. */
export async function prepareLab(say: Say): Promise<void> {
  await installTools(say)
  const options = {
    cache: cacheFolder(),
    say: (detail: string) => say(`  ${detail}`),
    signal: new AbortController().signal,
  }
  await obtainBinary('consul', options)
  await obtainBinary('nomad', options)
  await obtainLlamaRoot(options)
  await obtainIpxe(options)
  say('the images of the test machines')
  await baseImage()
  await baseImage(APPLIANCE_PACKAGES)
}

async function installTools(say: Say): Promise<void> {
  const missing: string[] = []
  for (const [name, program] of Object.entries(TOOLS))
    if (!(await isThere(program))) missing.push(name)
  if (missing.length === 0) return
  say(`installing ${missing.join(', ')}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await execa('apt-get', ['-qq', 'update'], { env, reject: false })
  await execa('apt-get', ['-qq', '-y', 'install', '--no-install-recommends', ...missing], {
    env,
    stdin: 'ignore',
  })
}
