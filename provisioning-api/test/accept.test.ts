import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { createLogger } from '@muster/base/logger.ts'
import { bootFiles } from '@muster/base/state.ts'
import { bootLab, DISK, kindOf, MINUTE, PC, sampleFacts } from './boot-lab.ts'
import { bearer, READER } from './harness.ts'

test('accepting names the machine, says how it is installed, and by whom', async (t) => {
  const lines: string[] = []
  const logger = createLogger('test', { write: (line: string) => void lines.push(line) })
  const { ask, act, getApi } = await bootLab(t, { logger })
  await ask()
  const answer = await act('pc-000001', 'accept', { name: 'W1', disk: DISK, erase: true })
  assert.equal(answer.statusCode, 200)
  const { name, state, boot, actions } = answer.json()
  assert.deepEqual([name, state], ['w1', 'accepted'])
  assert.deepEqual(
    [boot.mode, boot.disk, boot.erase, boot.accepted_by],
    ['image', DISK, true, 'operator'],
  )
  assert.deepEqual(actions, ['accept', 'retire'])
  assert.equal((await getApi('/api/machines/pc-000001')).statusCode, 404)
  const told = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'accepted')
  assert.deepEqual([told.machine, told.by, told.erase], ['w1', 'operator', true])
})

test('accepting without a word keeps the name and the careful defaults', async (t) => {
  const { ask, act } = await bootLab(t)
  await ask()
  const { name, boot } = (await act('pc-000001', 'accept')).json()
  assert.deepEqual([name, boot.mode, boot.disk, boot.erase], ['pc-000001', 'image', 'only', false])
})

test('names that are taken, reserved or no names are refused', async (t) => {
  const { ask, act, callHome } = await bootLab(t)
  await ask()
  await ask({ macs: '52-54-00-00-00-02', uuid: '' })
  assert.equal((await callHome({ hostname: 'byhand', ip_address: '10.0.0.9' })).statusCode, 202)
  for (const [name, status] of [
    ['pc-000002', 409],
    ['byhand', 409],
    ['BYHAND', 409],
    ['all', 422],
    ['server', 422],
    ['a b', 422],
    ['../x', 422],
    ['x\nuser', 422],
    ['', 422],
  ] as const) {
    const answer = await act('pc-000001', 'accept', { name })
    assert.equal(answer.statusCode, status, name)
  }
})

test('bodies that do not fit are refused with the place', async (t) => {
  const { ask, act } = await bootLab(t)
  await ask()
  for (const body of [
    { mode: 'x' },
    { disk: '/dev/sda' },
    { disk: 'sda' },
    { disk: "serial:x'" },
    { erase: 'yes' },
  ])
    assert.equal((await act('pc-000001', 'accept', body)).statusCode, 422, JSON.stringify(body))
  assert.equal((await act('pc-000001', 'boot-binary', { binary: 'x.efi' })).statusCode, 422)
  assert.equal((await act('nobody', 'accept')).statusCode, 404)
})

test('every decision about a machine needs a key with the scope operate', async (t) => {
  const { ask, app } = await bootLab(t)
  await ask()
  const urls = ['accept', 'reinstall', 'retire', 'boot-binary'].map(
    (action) => `/api/machines/pc-000001/${action}`,
  )
  for (const url of [...urls, '/api/accept-window']) {
    const payload = { minutes: 1, macs: [PC.mac], binary: null, erase: true }
    assert.equal((await app.inject({ method: 'POST', url, payload })).statusCode, 401, url)
    const headers = { authorization: `Bearer ${READER}` }
    assert.equal((await app.inject({ method: 'POST', url, payload, headers })).statusCode, 403, url)
  }
})

test('what a state does not allow is 409 with the state, and changes nothing', async (t) => {
  const { ask, act, machine, installing } = await bootLab(t)
  await ask()
  const refused = await act('pc-000001', 'reinstall', { erase: true })
  assert.equal(refused.statusCode, 409)
  assert.deepEqual([refused.json().state, refused.json().event], ['discovered', 'reinstall-asked'])
  await installing()
  assert.equal((await act('w1', 'accept')).statusCode, 409)
  assert.equal((await act('w1', 'reinstall', { erase: true })).statusCode, 409)
  assert.equal((await act('w1', 'provision')).statusCode, 409)
  assert.equal((await machine('w1')).state, 'installing')
})

test('installing again needs "erase": its disk is never blank', async (t) => {
  const { installed, act, machine, ask } = await bootLab(t)
  await installed()
  const refused = await act('w1', 'reinstall')
  assert.equal(refused.statusCode, 409)
  assert.match(refused.json().detail, /"erase": true/)
  assert.equal((await machine('w1')).state, 'installed')
  assert.equal((await act('w1', 'reinstall', { erase: true })).json().state, 'reinstall')
  assert.equal(kindOf((await ask()).body), 'live')
})

test('an acceptance again makes the grants and the disk of the one before void', async (t) => {
  const { accepted, granted, post, act, machine } = await bootLab(t)
  await accepted()
  const grant = await granted()
  await post('facts', { grant, facts: sampleFacts() })
  await post('failed', { grant, reason: 'no' })
  await act('w1', 'accept')
  assert.equal((await machine('w1')).boot?.resolved_disk, null)
  const next = await granted()
  await act('w1', 'accept')
  assert.equal((await post('facts', { grant: next, facts: sampleFacts() })).statusCode, 403)
})

test('a retired machine starts its disk, may not call home, and its grants are void', async (t) => {
  const { installing, act, ask, post, callHome, machine } = await bootLab(t)
  const grant = await installing()
  const tar = await post('identity', { grant })
  const secret = /MUSTER_SECRET=([0-9a-f]{64})/.exec(tar.rawPayload.toString('latin1'))?.[1]
  assert.equal((await act('w1', 'retire')).json().state, 'retired')
  assert.equal(kindOf((await ask()).body), 'local')
  assert.equal((await post('installed', { grant })).statusCode, 403)
  const call = { hostname: 'w1', ip_address: '10.0.0.51' }
  assert.equal((await callHome(call)).statusCode, 403)
  assert.equal((await callHome({ ...call, secret })).statusCode, 401)
  assert.equal((await machine('w1')).state, 'retired')
  assert.equal((await act('w1', 'accept')).json().state, 'accepted')
})

test('a machine that was installed by hand can be retired, too, and comes back with a key', async (t) => {
  const { callHome, act, machine, getApi } = await bootLab(t)
  const call = { hostname: 'byhand', ip_address: '10.0.0.9' }
  assert.equal((await callHome(call)).statusCode, 202)
  assert.equal((await machine('byhand')).boot, null)
  assert.equal((await act('byhand', 'retire')).statusCode, 409, 'its job waits')
  assert.equal((await act('byhand', 'accept')).statusCode, 409)
  assert.match((await act('byhand', 'reinstall', { erase: true })).json().detail, /network boot/)
  assert.equal((await getApi('/api/machines/byhand/boot-log')).statusCode, 409)
})

test('the accept window accepts the machines of its list when they are seen, and no other', async (t) => {
  const { operate, ask, machine, machines } = await bootLab(t)
  await ask({ macs: '52-54-00-00-00-07', uuid: '' })
  const open = await operate('/api/accept-window', {
    minutes: 10,
    macs: [PC.mac.toUpperCase(), '52-54-00-00-00-07'],
    erase: true,
  })
  assert.equal(open.statusCode, 200)
  assert.deepEqual(open.json().macs, [PC.mac, '52:54:00:00:00:07'])
  assert.equal((await machine('pc-000007')).state, 'discovered', 'not before it is seen in it')
  assert.equal(kindOf((await ask({ macs: '52-54-00-00-00-07', uuid: '' })).body), 'live')
  assert.equal(kindOf((await ask()).body), 'live')
  assert.equal(kindOf((await ask({ macs: '52-54-00-00-00-08', uuid: '' })).body), 'wait')
  const accepted = await machine('pc-000001')
  assert.deepEqual(
    [accepted.state, accepted.boot?.erase, accepted.boot?.accepted_by],
    ['accepted', true, 'operator (accept window)'],
  )
  assert.equal((await machines()).filter(({ state }) => state === 'accepted').length, 2)
})

test('the accept window ends by itself, can be closed, and survives a restart', async (t) => {
  const first = await bootLab(t)
  const macs = [PC.mac]
  await first.operate('/api/accept-window', { minutes: 10, macs })
  await first.app.close()
  const second = await bootLab(t, { state: first.state })
  const current = (await second.getApi('/api/accept-window')).json()
  assert.deepEqual([current.open, current.macs], [true, macs])
  second.clock.now += 11 * MINUTE
  assert.equal(kindOf((await second.ask()).body), 'wait')
  assert.equal((await second.getApi('/api/accept-window')).json().open, false)
  await second.operate('/api/accept-window', { minutes: 10, macs })
  await second.operate('/api/accept-window', { minutes: 0 })
  assert.equal(kindOf((await second.ask()).body), 'wait')
  for (const bad of [
    { minutes: 1441, macs },
    { minutes: 5 },
    { minutes: 5, macs: [] },
    { minutes: 5, macs: ['zz'] },
    { macs },
  ])
    assert.equal((await second.operate('/api/accept-window', bad)).statusCode, 422)
})

test('the accept window never touches a machine that has a life already', async (t) => {
  const { installed, operate, ask, act, machine } = await bootLab(t)
  await installed()
  await operate('/api/accept-window', { minutes: 10, macs: [PC.mac], erase: true })
  assert.equal(kindOf((await ask()).body), 'local')
  await act('w1', 'retire')
  assert.equal(kindOf((await ask()).body), 'local')
  assert.equal((await machine('w1')).state, 'retired')
})

test('the accept window is not opened for what was not built', async (t) => {
  const { operate } = await bootLab(t, { built: false })
  const refused = await operate('/api/accept-window', { minutes: 5, macs: [PC.mac] })
  assert.equal(refused.statusCode, 409)
  assert.match(refused.json().detail, /boot build/)
})

test('another first program is one line per card for dnsmasq, and so is the way back', async (t) => {
  const { ask, act, state, machine } = await bootLab(t)
  await ask({ macs: '52-54-00-00-00-01,52-54-00-00-00-02' })
  const { dhcpHosts } = bootFiles(state)
  const choose = async (binary: string | null) =>
    (await act('pc-000001', 'boot-binary', { binary })).json()
  assert.equal((await choose('next')).boot.boot_binary, 'undionly.kkpxe')
  const { id } = (await machine('pc-000001')).boot ?? {}
  assert.deepEqual(await readdir(dhcpHosts), [id])
  const lines = () => readFile(path.join(dhcpHosts, String(id)), 'utf8')
  assert.equal(await lines(), lineOf('01', 'undionly-kkpxe') + lineOf('02', 'undionly-kkpxe'))
  assert.equal((await choose('next')).boot.boot_binary, 'ipxe.pxe')
  const last = await act('pc-000001', 'boot-binary', { binary: 'next' })
  assert.equal(last.statusCode, 409)
  assert.match(last.json().detail, /USB stick/)
  assert.equal((await act('pc-000001', 'boot-binary', { binary: 'ipxe.efi' })).statusCode, 409)
  for (const usual of [null, 'undionly.kpxe']) {
    await choose('ipxe.pxe')
    assert.equal((await choose(usual)).boot.boot_binary, usual)
    assert.equal(await lines(), lineOf('01', 'default') + lineOf('02', 'default'))
  }
})
const lineOf = (card: string, tag: string) => `52:54:00:00:00:${card},set:bin-${tag}\n`

test('a machine with the usual first program has no line for dnsmasq', async (t) => {
  const { ask, act, state } = await bootLab(t)
  await ask()
  assert.equal((await act('pc-000001', 'boot-binary', { binary: null })).statusCode, 200)
  await assert.rejects(readdir(bootFiles(state).dhcpHosts), { code: 'ENOENT' })
})

test('the routes of people answer with a key only', async (t) => {
  const { app, ask } = await bootLab(t)
  await ask()
  for (const url of ['/api/accept-window', '/api/machines/pc-000001/boot-log'])
    assert.equal((await app.inject({ url })).statusCode, 401)
  const log = await app.inject({ url: '/api/machines/pc-000001/boot-log', headers: bearer })
  assert.deepEqual(log.json(), { text: '', next: 0, done: true })
})
