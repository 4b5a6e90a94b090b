import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { createLogger } from '@muster/base/logger.ts'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import { extract } from 'tar-stream'
import {
  bootLab,
  build,
  DISK,
  grantIn,
  kindOf,
  MINUTE,
  PC,
  sampleDisk,
  sampleFacts,
} from './boot-lab.ts'

const NOBODYS = '00112233445566778899aabbccddeeff'

test('the hardware is looked at before any disk is written, and the answer is the plan', async (t) => {
  const { accepted, granted, post, machine } = await bootLab(t)
  await accepted()
  const grant = await granted()
  const answer = await post('facts', { grant, facts: sampleFacts() })
  assert.match(answer.headers['content-type'] as string, /^text\/plain/)
  assert.deepEqual(Object.fromEntries(answer.body.trim().split('\n').map(halves)), {
    action: 'install',
    reason: `The image is written to ${DISK}.`,
    disk: DISK,
    image: '/boot/files/image/debian-13.raw.zst',
    sha256: 'ab'.repeat(32),
    bytes: '1000',
    size: '640000000',
  })
  const { state, boot, stage } = await machine('w1')
  assert.deepEqual([state, boot?.resolved_disk], ['installing', DISK])
  assert.equal(stage, 'Looking at its hardware')
  assert.deepEqual(boot?.hardware?.cpu, { model: 'QEMU CPU', cores: 2, variant: 'piledriver' })
  assert.equal(boot?.hardware?.memory_mb, 1500)
})
const halves = (line: string) => [
  line.slice(0, line.indexOf('=')),
  line.slice(line.indexOf('=') + 1),
]

test('a machine that is not fit is failed with the reason, and starts its own disk', async (t) => {
  const { accepted, granted, post, machine, ask, act } = await bootLab(t)
  await accepted()
  const unfit: [object, RegExp][] = [
    [{ memory_mb: 512 }, /512 MB of memory; 900 MB are needed/],
    [{ firmware: 'uefi' }, /runs as uefi/],
    [{ disks: [sampleDisk({ blank: false, contents: 'Windows' })] }, /not blank \(Windows\)/],
  ]
  for (const [change, reason] of unfit) {
    const grant = await granted()
    const { body } = await post('facts', { grant, facts: sampleFacts(change) })
    assert.match(body, /^action=local$/m)
    assert.match(body, reason)
    const { state, reason: told } = await machine('w1')
    assert.equal(state, 'failed')
    assert.match(told ?? '', reason)
    assert.equal(kindOf((await ask()).body), 'local')
    assert.equal((await post('progress', { grant, stage: 'write' })).statusCode, 403)
    await act('w1', 'accept')
  }
})

test('a plan is lines of printable ASCII whatever the firmware says', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const disk = sampleDisk({ blank: false, contents: 'a\naction=install\r\ndisk=sda \u2603' })
  const { body } = await post('facts', {
    grant: await granted(),
    facts: sampleFacts({ disks: [disk] }),
  })
  assert.match(body, /^[\x20-\x7e\n]+$/)
  assert.deepEqual(
    body
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]),
    ['action', 'reason'],
  )
})

test('facts of a machine without the cards that the grant was made for are refused', async (t) => {
  const { accepted, granted, post, machine } = await bootLab(t)
  await accepted()
  const nics = [{ name: 'e', mac: '52:54:00:00:00:77', driver: '', link: true, mbps: null }]
  const answer = await post('facts', { grant: await granted(), facts: sampleFacts({ nics }) })
  assert.equal(answer.statusCode, 403)
  assert.equal(answer.json().why, 'other-machine')
  assert.equal((await machine('w1')).state, 'accepted')
})

test('facts that cannot be read do not use the grant up', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const grant = await granted()
  assert.equal((await post('facts', { grant, facts: {} })).statusCode, 422)
  assert.equal((await post('facts', { grant: 'x', facts: sampleFacts() })).statusCode, 422)
  const bad = sampleFacts({ disks: [sampleDisk({ id: "serial:x'; id" })] })
  assert.equal((await post('facts', { grant, facts: bad })).statusCode, 422)
  assert.equal((await post('facts', { grant, facts: sampleFacts() })).statusCode, 200)
})

test('each artefact opens once per grant; a replayed grant is refused', async (t) => {
  const { installing, post, get } = await bootLab(t)
  const grant = await installing()
  const uses = [
    () => post('facts', { grant, facts: sampleFacts() }),
    () => post('identity', { grant }),
    () => get(`identity/${grant}`),
  ]
  assert.equal((await post('identity', { grant })).statusCode, 200)
  for (const use of uses) {
    const again = await use()
    assert.equal(again.statusCode, 403)
    assert.deepEqual([again.json().why, typeof again.json().detail], ['used', 'string'])
  }
})

test('each artefact of the Debian installer opens once per grant, too', async (t) => {
  const { installing, ask, get } = await bootLab(t)
  await installing({ mode: 'package' })
  const script = (await ask()).body
  assert.equal(kindOf(script), 'installer')
  const grant = grantIn(script)
  for (const artefact of ['preseed', 'partman', 'late', 'identity']) {
    const first = await get(`${artefact}/${grant}`)
    assert.equal(first.statusCode, 200, `${artefact}: ${first.body}`)
    assert.equal((await get(`${artefact}/${grant}`)).json().why, 'used', artefact)
  }
})

test('asking for the head of an artefact does not use it up', async (t) => {
  const { installing, app, get } = await bootLab(t)
  const grant = await installing()
  await app.inject({ method: 'HEAD', url: `/boot/identity/${grant}` })
  assert.equal((await get(`identity/${grant}`)).statusCode, 200)
})

test('a grant that nobody made, and one that is no grant, are refused everywhere', async (t) => {
  const { post, get } = await bootLab(t)
  for (const grant of [NOBODYS, 'x', '..%2f..', `${NOBODYS}0`])
    for (const url of ['preseed', 'partman', 'late', 'identity', 'installed'])
      assert.equal((await get(`${url}/${grant}`)).statusCode, 403, `${url}/${grant}`)
  assert.equal((await get(`beacon/${NOBODYS}/late`)).statusCode, 403)
  assert.equal((await get(`beacon/${NOBODYS}/nonsense`)).statusCode, 422)
  const grant = NOBODYS
  assert.equal((await post('facts', { grant, facts: sampleFacts() })).statusCode, 403)
  assert.equal((await post('progress', { grant, stage: 'write' })).statusCode, 403)
  assert.equal((await post('identity', { grant })).statusCode, 403)
  assert.equal((await post('installed', { grant })).statusCode, 403)
  assert.equal((await post('failed', { grant, reason: 'x' })).statusCode, 403)
})

test('a grant ends 60 minutes after the last sign of life, and each sign prolongs it', async (t) => {
  const { installing, post, get, clock } = await bootLab(t)
  const grant = await installing()
  for (let i = 0; i < 3; i += 1) {
    clock.now += 59 * MINUTE
    const beacon =
      i === 1 ? get(`beacon/${grant}/write`) : post('progress', { grant, stage: 'write' })
    assert.equal((await beacon).statusCode, 204)
  }
  clock.now += 60 * MINUTE
  assert.equal((await post('identity', { grant })).json().why, 'expired')
})

test('the first use of a fresh grant revokes the older ones; asking alone does not', async (t) => {
  const { accepted, granted, post } = await bootLab(t)
  await accepted()
  const [older, newer] = [await granted(), await granted()]
  assert.equal((await post('progress', { grant: older, stage: 'inspect' })).statusCode, 204)
  assert.equal((await post('facts', { grant: newer, facts: sampleFacts() })).statusCode, 200)
  assert.equal((await post('facts', { grant: older, facts: sampleFacts() })).json().why, 'revoked')
})

test('after a power cut the machine boots the live system again, with a fresh grant and its half-written disk', async (t) => {
  const { installing, granted, post, machine } = await bootLab(t)
  const first = await installing()
  await post('identity', { grant: first })
  const second = await granted()
  assert.notEqual(second, first)
  const written = sampleDisk({ blank: false, contents: 'half of an image' })
  const { body } = await post('facts', { grant: second, facts: sampleFacts({ disks: [written] }) })
  assert.match(body, /^action=install$/m)
  assert.equal((await post('installed', { grant: first })).json().why, 'revoked')
  assert.equal((await post('identity', { grant: second })).statusCode, 200)
  assert.equal((await post('installed', { grant: second })).statusCode, 200)
  assert.equal((await machine('w1')).state, 'installed')
})

test('another disk than the one that was begun still has to be blank', async (t) => {
  const { installing, granted, post } = await bootLab(t)
  await installing()
  const other = sampleDisk({ id: 'serial:OTHER_9', blank: false, contents: 'photos' })
  const grant = await granted()
  const { body } = await post('facts', { grant, facts: sampleFacts({ disks: [other] }) })
  assert.match(body, /action=local\nreason=The disk serial:OTHER_9 .* is not blank \(photos\)/)
})

test('installed consumes the grant; a machine that lost the answer is heard again', async (t) => {
  const { installing, post, get, machine, act } = await bootLab(t)
  const grant = await installing()
  const answer = await post('installed', { grant })
  assert.deepEqual([answer.statusCode, answer.body], [200, 'ok\n'])
  assert.equal((await get(`installed/${grant}`)).statusCode, 200)
  assert.equal((await post('identity', { grant })).statusCode, 403)
  await act('w1', 'reinstall', { erase: true })
  assert.equal((await post('installed', { grant })).statusCode, 403, 'not after that')
  assert.equal((await machine('w1')).state, 'reinstall')
})

test('nothing of an installation is handed out before the hardware was found fit', async (t) => {
  const { accepted, granted, post, get, machine } = await bootLab(t)
  await accepted()
  const grant = await granted()
  assert.equal((await post('identity', { grant })).statusCode, 409)
  assert.equal((await get(`preseed/${grant}`)).statusCode, 409)
  assert.equal((await post('installed', { grant })).statusCode, 409)
  assert.equal((await machine('w1')).state, 'accepted')
})

test('the preseed is only for a machine that was accepted in package mode', async (t) => {
  const { installing, get } = await bootLab(t)
  const grant = await installing()
  assert.equal((await get(`preseed/${grant}`)).json().why, 'mode')
})

test('package mode: the live system looks, then the installer boots with the name of the machine', async (t) => {
  const { accepted, granted, post, ask, get } = await bootLab(t, {
    config: { syslogPort: 5514 },
  })
  await accepted({ mode: 'package' })
  const facts = sampleFacts({ product: { vendor: 'Dell', name: 'PC', serial: '', uuid: '' } })
  const { body } = await post('facts', { grant: await granted(), facts })
  assert.match(body, /^action=installer$/m)
  const script = (await ask()).body
  const kernel = /^kernel .*$/m.exec(script)?.[0] ?? ''
  for (const word of ['hostname=w1', 'netcfg/hostname=w1', 'log_port=5514', 'priority=critical'])
    assert.ok(kernel.split(' ').includes(word), `${word} in ${kernel}`)
  const preseed = await get(`preseed/${grantIn(script)}`)
  assert.match(preseed.body, /^d-i netcfg\/get_hostname string w1$/m)
})

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
  const debianMirror = 'http://mirror.example/debian'
  const { installing, post } = await bootLab(t, { config: { debianMirror } })
  const files = await unpacked((await post('identity', { grant: await installing() })).rawPayload)
  const sources = files.get('etc/apt/sources.list.d/muster.sources')?.text ?? ''
  assert.match(sources, /^URIs: http:\/\/mirror\.example\/debian\nSuites: trixie$/m)
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

test('a failed installation shows its reason and its last lines, without control characters or secrets', async (t) => {
  const { installing, post, machine, getApi } = await bootLab(t)
  const grant = await installing()
  const reason = `dd: No space left\u001b[31m on ${grant}`
  await post('failed', { grant, reason, log: 'line one\nline two' })
  const failed = await machine('w1')
  assert.equal(failed.state, 'failed')
  assert.equal(failed.reason, 'dd: No space left on [redacted]')
  const log = (await getApi('/api/machines/w1/boot-log?from=0')).json()
  assert.match(log.text, /line one\n.*line two\n/)
  assert.equal(log.done, true)
  assert.equal((await post('progress', { grant, stage: 'write' })).statusCode, 403)
  assert.equal(failed.job_id, null)
})

test('progress shows a stage in words and its percentage', async (t) => {
  const { installing, post, machine, clock } = await bootLab(t)
  const grant = await installing()
  await post('progress', { grant, stage: 'write', percent: 42 })
  const { stage, boot } = await machine('w1')
  assert.deepEqual([stage, boot?.percent], ['Writing the image to its disk', 42])
  clock.now += 6 * MINUTE
  assert.match((await machine('w1')).stage ?? '', /; nothing heard for 6 min$/)
  for (const bad of [
    { stage: 'x' },
    { stage: 'write', percent: 101 },
    { stage: 'write', percent: -1 },
  ])
    assert.equal((await post('progress', { grant, ...bad })).statusCode, 422)
})

test('a machine that goes silent is given up after 60 minutes with its last lines', async (t) => {
  const { installing, post, machine, watchdog, clock, ask } = await bootLab(t)
  const grant = await installing()
  await post('progress', { grant, stage: 'write', percent: 42 })
  clock.now += 59 * MINUTE
  await watchdog.look()
  assert.equal((await machine('w1')).state, 'installing')
  clock.now += MINUTE
  await watchdog.look()
  const { state, reason } = await machine('w1')
  assert.equal(state, 'failed')
  assert.match(reason ?? '', /said nothing for 60 minutes.*The last lines: .*stage: write/)
  assert.equal(kindOf((await ask()).body), 'local', 'and is never installed by itself')
  assert.equal((await post('installed', { grant })).statusCode, 403)
})

test('a machine that was installed but does not call home within 15 minutes has failed', async (t) => {
  const { installed, machine, watchdog, clock } = await bootLab(t)
  await installed()
  clock.now += 15 * MINUTE
  await watchdog.look()
  const { state, reason } = await machine('w1')
  assert.equal(state, 'failed')
  assert.match(reason ?? '', /did not call home within 15 minutes/)
})

test('deadlines do not run while the server is off: nobody could be heard', async (t) => {
  const first = await bootLab(t)
  await first.installed()
  await first.app.close()
  const later = Date.now() + 24 * 60 * MINUTE
  const clock = { now: later }
  const second = await bootLab(t, { state: first.state, now: () => clock.now })
  await second.watchdog.look()
  assert.equal((await second.machine('w1')).state, 'installed')
  clock.now += 15 * MINUTE
  await second.watchdog.look()
  assert.equal((await second.machine('w1')).state, 'failed')
})

test('grants and secrets are in no log line of the server', async (t) => {
  const lines: string[] = []
  const logger = createLogger('test', { write: (line: string) => void lines.push(line) })
  const { installing, ask, get, post, state, callHome, machine } = await bootLab(t, { logger })
  const first = await installing({ mode: 'package' })
  const grant = grantIn((await ask()).body)
  await get(`beacon/${grant}/partman`)
  for (const artefact of ['preseed', 'partman', 'late']) await get(`${artefact}/${grant}`)
  const tar = await get(`identity/${grant}`)
  const secret = /MUSTER_SECRET=([0-9a-f]{64})/.exec(tar.rawPayload.toString('latin1'))?.[1] ?? ''
  await get(`preseed/${grant}`)
  await post('installed', { grant })
  await callHome({ hostname: 'w1', ip_address: '10.0.0.51', secret })
  assert.equal((await machine('w1')).state, 'enrolled')
  const { id } = (await machine('w1')).boot ?? {}
  const bootLog = await readFile(path.join(bootFiles(state).logs, `${id}.log`), 'utf8')
  const database = await readFile(path.join(state, 'provisioning/provisioning.db'), 'latin1')
  const all = lines.join('') + bootLog + database
  for (const hidden of [first, grant, secret]) {
    assert.ok(hidden.length >= 32)
    assert.equal(
      all.split('\n').find((line) => line.includes(hidden)),
      undefined,
    )
  }
})

test('the old SSH host key of a machine is forgotten when it is installed again', async (t) => {
  const { installed, callHome, act, granted, post, state } = await bootLab(t)
  const secret = await installed()
  await callHome({ hostname: 'w1', ip_address: '10.0.0.51', secret })
  finishJob(state)
  const { knownHosts } = stateFiles(state)
  const line = (address: string) =>
    `${address} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzMFfZIX6pT2QGBkEPNrmqyxrWcDlq+cdRmsUKVpwqb\n`
  await writeFile(knownHosts, line('10.0.0.51') + line('10.0.0.52'))
  assert.equal((await act('w1', 'reinstall', { erase: true })).statusCode, 200)
  const grant = await granted()
  await post('facts', { grant, facts: sampleFacts() })
  await post('installed', { grant })
  assert.equal(await readFile(knownHosts, 'utf8'), line('10.0.0.52'))
})

/** Ends the job that the test holds in the queue, as a run would. */
function finishJob(state: string): void {
  const store = new DatabaseSync(path.join(state, 'provisioning/provisioning.db'))
  store.exec(`UPDATE jobs SET state = 'success', ended = '${new Date().toISOString()}'`)
  store.close()
}

test('with the image gone after the acceptance the machine is failed with the command that builds it', async (t) => {
  const { accepted, granted, post, state } = await bootLab(t)
  await accepted()
  const grant = await granted()
  await build(state, { image: null })
  const { body } = await post('facts', { grant, facts: sampleFacts() })
  assert.match(body, /action=local\nreason=.*npm run muster -- boot build/)
})

test('cards that only the live system sees belong to the machine; a card of another one stops it', async (t) => {
  const lab = await bootLab(t)
  const second = { name: 'eth1', mac: '52:54:00:00:00:02', driver: '', link: false, mbps: null }
  const [first] = sampleFacts().nics
  await lab.installing({}, { nics: [first, second] })
  assert.deepEqual((await lab.machine('w1')).boot?.macs, [PC.mac, second.mac])
  await lab.ask({ macs: '52-54-00-00-00-03', uuid: '' })
  const third = { ...second, mac: '52:54:00:00:00:03' }
  const grant = await lab.granted()
  const { body } = await lab.post('facts', { grant, facts: sampleFacts({ nics: [first, third] }) })
  assert.match(body, /action=local\nreason=One of its network cards belongs to pc-000003/)
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
