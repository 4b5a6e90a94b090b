import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { stateFiles } from '@muster/base/state.ts'
import { extract } from 'tar-stream'
import { bootLab } from './boot-lab.ts'

test('identity: everything that makes the installed system this machine, private where it must be', async (t) => {
  const { installing, app } = await bootLab(t)
  const grant = await installing()
  const answer = await app.inject({
    method: 'POST',
    url: '/boot/identity',
    headers: { host: '10.0.0.2:8001' },
    payload: { grant },
  })
  assert.equal(answer.headers['content-type'], 'application/x-tar')
  const files = await unpacked(answer.rawPayload)
  assert.deepEqual([...files.keys()].sort(), [
    'etc/default/muster-call-home',
    'etc/hostname',
    'etc/hosts',
    'etc/systemd/system/call-home.service',
    'etc/systemd/system/multi-user.target.wants/call-home.service',
    'root/.ssh/',
    'root/.ssh/authorized_keys',
    'usr/local/bin/call-home.sh',
  ])
  const text = (name: string) => files.get(name)?.text
  const mode = (name: string) => files.get(name)?.mode?.toString(8)
  assert.equal(text('etc/hostname'), 'w1\n')
  assert.match(text('etc/hosts') ?? '', /^127\.0\.1\.1 w1$/m)
  assert.equal(text('root/.ssh/authorized_keys'), 'ssh-ed25519 AAAAC3Nz muster\n')
  assert.match(
    text('etc/default/muster-call-home') ?? '',
    /^MUSTER_URL=http:\/\/10\.0\.0\.2:8001\nMUSTER_SECRET=[0-9a-f]{64}\n$/,
  )
  assert.deepEqual(
    ['root/.ssh/', 'root/.ssh/authorized_keys', 'etc/default/muster-call-home'].map(mode),
    ['700', '600', '600'],
  )
  assert.equal(mode('usr/local/bin/call-home.sh'), '755')
  assert.equal(
    files.get('etc/systemd/system/multi-user.target.wants/call-home.service')?.link,
    '/etc/systemd/system/call-home.service',
  )
})

async function unpacked(tar: Buffer) {
  const files = new Map<string, { mode?: number; text: string; link?: string | null }>()
  const archive = extract()
  const done = Readable.from(tar).pipe(archive)
  for await (const entry of done) {
    const { name, mode, linkname } = entry.header
    files.set(name, {
      ...(mode === undefined ? {} : { mode }),
      link: linkname ?? null,
      text: (await buffer(entry)).toString(),
    })
  }
  return files
}

test('Debian’s package sources are only written where the appliance has a mirror', async (t) => {
  const debianMirror = 'http://packages.example/debian'
  const { installing, post } = await bootLab(t, { config: { debianMirror } })
  const files = await unpacked((await post('identity', { grant: await installing() })).rawPayload)
  const sources = files.get('etc/apt/sources.list.d/muster.sources')?.text ?? ''
  assert.match(sources, /^URIs: http:\/\/packages\.example\/debian\nSuites: trixie$/m)
})

test('without the SSH key of the appliance the identity is 503 and not used up', async (t) => {
  const { installing, post, state } = await bootLab(t)
  const grant = await installing()
  const key = `${stateFiles(state).sshKey}.pub`
  const text = await readFile(key)
  await rm(key)
  const answer = await post('identity', { grant })
  assert.equal(answer.statusCode, 503)
  assert.match(answer.json().detail, /npm run up/)
  await writeFile(key, text)
  assert.equal((await post('identity', { grant })).statusCode, 200)
})

for (const program of [['tar'], ['busybox', 'tar']])
  test(`${program.join(' ')} unpacks the identity with its modes`, async (t) => {
    const { installing, post, state } = await bootLab(t)
    const tar = (await post('identity', { grant: await installing() })).rawPayload
    const root = path.join(state, 'root')
    await mkdir(root)
    const [command = '', ...first] = program
    try {
      execFileSync(command, [...first, '-x', '-f', '-', '-C', root], { input: tar })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return t.skip(`${command} is not on this machine`)
    }
    assert.equal(await readFile(path.join(root, 'etc/hostname'), 'utf8'), 'w1\n')
    assert.equal((await stat(path.join(root, 'root/.ssh/authorized_keys'))).mode & 0o777, 0o600)
    const wanted = 'etc/systemd/system/multi-user.target.wants/call-home.service'
    assert.equal(await readlink(path.join(root, wanted)), '/etc/systemd/system/call-home.service')
  })
