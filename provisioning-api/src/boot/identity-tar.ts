import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { MusterError } from '@muster/base/errors.ts'
import { pack } from 'tar-stream'

const CALL_HOME = path.resolve(import.meta.dirname, '../../../pxe/call-home')

/** What makes an installed system this machine. */
export type Identity = {
  name: string
  /** `http://10.0.0.2:8001`, as the machine reaches the appliance. */
  url: string
  /** Of its call-home, once. */
  secret: string
  /** Of the appliance, as in authorized_keys. */
  authorizedKey: string
  /** Of Debian's packages; null leaves the image's own. */
  mirror: string | null
}

/** @throws MusterError `ssh-key-missing` until `up` made the key */
export async function readAuthorizedKey(sshKey: string): Promise<string> {
  const text = await readFile(`${sshKey}.pub`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const key = text.trim()
  if (!key) throw new MusterError('ssh-key-missing')
  return key
}

type Entry = { name: string; mode: number; content: string }

/** A tar for the root of the installed system. Folders that are there already are not in it, so that they keep their modes. */
export async function identityTar(identity: Identity): Promise<Buffer> {
  const archive = pack()
  const bytes = buffer(archive)
  const mtime = new Date()
  archive.entry({ name: 'root/.ssh/', type: 'directory', mode: 0o700, mtime })
  for (const { name, mode, content } of await entriesOf(identity))
    archive.entry({ name, mode, mtime }, content)
  archive.entry({
    name: 'etc/systemd/system/multi-user.target.wants/call-home.service',
    type: 'symlink',
    linkname: '/etc/systemd/system/call-home.service',
    mtime,
  })
  archive.finalize()
  return bytes
}

async function entriesOf({ name, ...identity }: Identity): Promise<Entry[]> {
  const callHome = (file: string) => readFile(path.join(CALL_HOME, file), 'utf8')
  return [
    { name: 'etc/hostname', mode: 0o644, content: `${name}\n` },
    { name: 'etc/hosts', mode: 0o644, content: hosts(name) },
    { name: 'root/.ssh/authorized_keys', mode: 0o600, content: `${identity.authorizedKey}\n` },
    {
      name: 'etc/default/muster-call-home',
      mode: 0o600,
      content: `MUSTER_URL=${identity.url}\nMUSTER_SECRET=${identity.secret}\n`,
    },
    {
      name: 'usr/local/bin/call-home.sh',
      mode: 0o755,
      content: await callHome('call-home.sh'),
    },
    {
      name: 'etc/systemd/system/call-home.service',
      mode: 0o644,
      content: await callHome('call-home.service'),
    },
    ...(identity.mirror ? [sources(identity.mirror)] : []),
  ]
}

/** Its own name, because looking it up elsewhere holds up every program that asks (Ansible's facts by 10 s). */
const hosts = (name: string): string =>
  ['127.0.0.1 localhost', `127.0.1.1 ${name}`, '::1 localhost ip6-localhost ip6-loopback', ''].join(
    '\n',
  )

const sources = (mirror: string): Entry => ({
  name: 'etc/apt/sources.list.d/muster.sources',
  mode: 0o644,
  content: [
    'Types: deb',
    `URIs: ${mirror}`,
    'Suites: trixie',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    '',
  ].join('\n'),
})
