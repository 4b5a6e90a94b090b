import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createLogger } from '@muster/base/logger.ts'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import { bootLab, build, DISK, grantIn, kindOf, PC, sampleDisk, sampleFacts } from './boot-lab.ts'

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

test('another disk than the one that was begun still has to be blank', async (t) => {
  const { installing, granted, post } = await bootLab(t)
  await installing()
  const other = sampleDisk({ id: 'serial:OTHER_9', blank: false, contents: 'photos' })
  const grant = await granted()
  const { body } = await post('facts', { grant, facts: sampleFacts({ disks: [other] }) })
  assert.match(body, /action=local\nreason=The disk serial:OTHER_9 .* is not blank \(photos\)/)
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
