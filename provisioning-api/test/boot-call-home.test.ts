import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { stateFiles } from '@muster/base/state.ts'
import { bootLab, MINUTE, sampleFacts } from './boot-lab.ts'
import { FakeAnsible } from './fake-ansible.ts'
import { bearer, temporaryFolder } from './harness.ts'

const CALL = { hostname: 'w1', ip_address: '10.0.0.51' }
const WRONG = '0'.repeat(64)

test('the one-time secret enrols the machine without a key and outside of any window', async (t) => {
  const { installed, callHome, enrolment, machine, getApi } = await bootLab(t)
  const secret = await installed()
  enrolment.close()
  const answer = await callHome({ ...CALL, secret })
  assert.equal(answer.statusCode, 202)
  const { state, ip_address, job_id } = await machine('w1')
  assert.deepEqual([state, ip_address], ['enrolled', '10.0.0.51'])
  assert.equal((await getApi(`/api/jobs/${job_id}`)).json().state, 'queued')
})

test('a wrong secret, one of another machine, and none are refused with a clear text', async (t) => {
  const { installed, callHome, ask, act, machine } = await bootLab(t)
  const secret = await installed()
  await ask({ macs: '52-54-00-00-00-02', uuid: '' })
  await act('pc-000002', 'accept', { name: 'w2' })
  const wrong = await callHome({ ...CALL, secret: WRONG })
  assert.equal(wrong.statusCode, 401)
  assert.match(wrong.json().detail, /secret of this machine is wrong or was used/)
  assert.equal((await callHome({ ...CALL, hostname: 'w2', secret })).statusCode, 401)
  assert.equal((await callHome({ ...CALL, hostname: 'w9', secret })).statusCode, 401)
  const none = await callHome(CALL)
  assert.equal(none.statusCode, 401, 'not even in the open window')
  assert.match(none.json().detail, /one-time secret/)
  assert.equal((await callHome({ ...CALL, secret: 'x' })).statusCode, 422)
  assert.equal((await machine('w1')).state, 'installed')
})

test('a used secret is refused; only its machine at its address is told that it was heard', async (t) => {
  const { installed, callHome, clock, getApi } = await bootLab(t)
  const secret = await installed()
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 202)
  const repeated = await callHome({ ...CALL, secret })
  assert.equal(repeated.statusCode, 202)
  assert.match(repeated.json().message, /No second run/)
  assert.equal((await callHome({ ...CALL, ip_address: '10.0.0.52', secret })).statusCode, 401)
  clock.now += 10 * MINUTE
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 401)
  assert.equal((await getApi('/api/jobs')).json().length, 1)
})

test('before it is installed no machine of network boot calls home without a key', async (t) => {
  const { ask, callHome, act, granted, post, machine } = await bootLab(t)
  await ask()
  const call = (hostname: string) => callHome({ hostname, ip_address: '10.0.0.51' })
  assert.equal((await call('pc-000001')).statusCode, 401)
  await act('pc-000001', 'accept', { name: 'w1' })
  assert.equal((await call('w1')).statusCode, 401)
  const grant = await granted()
  await post('facts', { grant, facts: sampleFacts() })
  const tar = await post('identity', { grant })
  const secret = /MUSTER_SECRET=([0-9a-f]{64})/.exec(tar.rawPayload.toString('latin1'))?.[1]
  assert.equal((await call('w1')).statusCode, 401)
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 409, 'not before "installed"')
  assert.equal((await machine('w1')).state, 'installing')
})

test('an operator’s key stands for a machine, but not while an installation is on its way', async (t) => {
  const { ask, callHome, act, machine } = await bootLab(t)
  await ask()
  await act('pc-000001', 'accept', { name: 'w1' })
  assert.equal((await callHome(CALL, bearer)).statusCode, 409)
  await act('w1', 'retire')
  assert.equal((await callHome(CALL, bearer)).statusCode, 202)
  assert.equal((await machine('w1')).state, 'enrolled')
})

test('a late call with its secret heals the passed deadline', async (t) => {
  const { installed, callHome, watchdog, clock, machine } = await bootLab(t)
  const secret = await installed()
  clock.now += 20 * MINUTE
  await watchdog.look()
  assert.equal((await machine('w1')).state, 'failed')
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 202)
  const { state, reason } = await machine('w1')
  assert.deepEqual([state, reason], ['enrolled', null])
})

test('a machine that is installed again within minutes gets a run, and its old secret is void', async (t) => {
  const bin = await FakeAnsible(await temporaryFolder(t))
  const lab = await bootLab(t, { hold: false, config: { path: `${bin}:${process.env.PATH}` } })
  const first = await lab.installed()
  await lab.callHome({ ...CALL, secret: first })
  await lab.ended('w1')
  assert.equal((await lab.machine('w1')).state, 'ready')
  assert.deepEqual((await lab.machine('w1')).actions, ['reinstall', 'retire', 'provision'])
  await lab.act('w1', 'reinstall', { erase: true })
  assert.equal((await lab.callHome({ ...CALL, secret: first })).statusCode, 401)
  const grant = await lab.granted()
  await lab.post('facts', { grant, facts: sampleFacts() })
  const tar = await lab.post('identity', { grant })
  const second = /MUSTER_SECRET=([0-9a-f]{64})/.exec(tar.rawPayload.toString('latin1'))?.[1]
  await lab.post('installed', { grant })
  assert.equal((await lab.callHome({ ...CALL, secret: second })).statusCode, 202)
  await lab.ended('w1')
  assert.equal((await lab.getApi('/api/jobs')).json().length, 2)
})

test('once enrolled a machine of network boot is as any other: its name and address are enough', async (t) => {
  const bin = await FakeAnsible(await temporaryFolder(t))
  const lab = await bootLab(t, { hold: false, config: { path: `${bin}:${process.env.PATH}` } })
  const secret = await lab.installed()
  await lab.callHome({ ...CALL, secret })
  await lab.ended('w1')
  lab.enrolment.close()
  assert.equal((await lab.callHome(CALL)).statusCode, 202)
  assert.equal((await lab.callHome({ ...CALL, ip_address: '10.0.0.99' })).statusCode, 401)
})

test('the job and the new state are one commit: a call that fails leaves the secret unused', async (t) => {
  const { installed, callHome, machine, file } = await bootLab(t)
  const secret = await installed()
  await writeFile(file('inventory.yaml'), 'all: [\n')
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 500)
  assert.equal((await machine('w1')).state, 'installed')
  await writeFile(file('inventory.yaml'), '')
  assert.equal((await callHome({ ...CALL, secret })).statusCode, 202)
})

test('simultaneous calls with one secret start one run', async (t) => {
  const { installed, callHome, getApi } = await bootLab(t)
  const secret = await installed()
  const answers = await Promise.all([1, 2, 3, 4].map(() => callHome({ ...CALL, secret })))
  assert.ok(answers.some(({ statusCode }) => statusCode === 202))
  for (const { statusCode } of answers) assert.ok([202, 409].includes(statusCode), `${statusCode}`)
  assert.equal((await getApi('/api/jobs')).json().length, 1)
})

test('a host key that another machine left at the address is forgotten before the run', async (t) => {
  const { installed, callHome, state } = await bootLab(t)
  const secret = await installed()
  const { knownHosts } = stateFiles(state)
  await writeFile(
    knownHosts,
    '10.0.0.51 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBzMFfZIX6pT2QGBkEPNrmqyxrWcDlq+cdRmsUKVpwqb\n',
  )
  await callHome({ ...CALL, secret })
  assert.equal(await readFile(knownHosts, 'utf8'), '')
})
