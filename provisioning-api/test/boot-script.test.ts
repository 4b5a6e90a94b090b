import assert from 'node:assert/strict'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { DISCOVERED_LIMIT } from '../src/store/boot-machines.ts'
import { bootLab, build, DISK, grantIn, kindOf, MINUTE, PC, sampleFacts } from './boot-lab.ts'
import { bearer, temporaryFolder, testConfig } from './harness.ts'
import { get, start } from './server-process.ts'

test('a machine that was never seen is recorded, told its name, and starts its own disk', async (t) => {
  const { ask, machine } = await bootLab(t)
  const answer = await ask({ manufacturer: 'Dell Inc.', product: 'OptiPlex 755', serial: 'X1' })
  assert.equal(answer.statusCode, 200)
  assert.match(answer.headers['content-type'] as string, /^text\/plain/)
  assert.match(answer.body, /^#!ipxe\n/)
  assert.match(answer.body, /this machine is pc-000001, network card 52:54:00:00:00:01/)
  assert.match(answer.body, /sanboot --no-describe --drive 0x80/)
  assert.doesNotMatch(answer.body, /kernel|grant/)
  const seen = await machine('pc-000001')
  assert.equal(seen.state, 'discovered')
  assert.equal(seen.ip_address, null)
  assert.deepEqual(seen.actions, ['accept', 'retire'])
  assert.deepEqual(seen.boot?.macs, [PC.mac])
  assert.deepEqual(seen.boot?.product, {
    vendor: 'Dell Inc.',
    name: 'OptiPlex 755',
    serial: 'X1',
    uuid: PC.uuid,
  })
})

test('a script that waits is told in one step that there is nothing yet, and the installation once there is', async (t) => {
  const { ask, act } = await bootLab(t)
  await ask()
  const nothing = await ask({ poll: '1' })
  assert.match(nothing.body, /^#!ipxe\nset told 1\nexit 1\n$/)
  await act('pc-000001', 'accept', { name: 'w1' })
  const script = (await ask({ poll: '1' })).body
  assert.equal(kindOf(script), 'live')
  assert.doesNotMatch(script, /sanboot|sleep 10/, 'the script that waits waits on')
})

test('asking a hundred times what to boot changes no state, whatever the state is', async (t) => {
  const lab = await bootLab(t)
  const check = async (name: string, state: string) => {
    const before = await lab.machine(name)
    assert.equal(before.state, state)
    for (let i = 0; i < 100; i += 1) await lab.ask()
    const after = await lab.machine(name)
    assert.deepEqual(after, before)
  }
  await lab.ask()
  await check('pc-000001', 'discovered')
  await lab.accepted()
  await check('w1', 'accepted')
  const grant = await lab.granted()
  await lab.post('facts', { grant, facts: sampleFacts() })
  await check('w1', 'installing')
  await lab.post('installed', { grant })
  await check('w1', 'installed')
  await lab.act('w1', 'retire')
  await check('w1', 'retired')
})

test('fetching scripts, kernels and images never changes a state', async (t) => {
  const { accepted, ask, app, machine } = await bootLab(t)
  await accepted()
  const before = await machine('w1')
  const script = (await ask()).body
  for (const [, url = ''] of script.matchAll(/http:\/\/[^/]+(\/boot\/files\/\S+)/g))
    await app.inject({ url })
  await app.inject({ url: '/boot.ipxe' })
  assert.deepEqual(await machine('w1'), before)
})

test('only an accepted machine boots the live system; every later state is its own disk', async (t) => {
  const lab = await bootLab(t)
  const kind = async () => kindOf((await lab.ask()).body)
  assert.equal(await kind(), 'wait')
  await lab.act('pc-000001', 'accept', { name: 'w1' })
  assert.equal(await kind(), 'live')
  const grant = await lab.granted()
  await lab.post('facts', { grant, facts: sampleFacts() })
  assert.equal(await kind(), 'live')
  await lab.post('installed', { grant })
  assert.equal(await kind(), 'local')
  await lab.act('w1', 'reinstall', { erase: true })
  assert.equal(await kind(), 'live')
  await lab.post('failed', { grant: await lab.granted(), reason: 'no' })
  assert.equal(await kind(), 'local')
  await lab.act('w1', 'retire')
  assert.equal(await kind(), 'local')
})

test('the live system gets its address, a fresh grant and both consoles on its command line', async (t) => {
  const { accepted, app } = await bootLab(t)
  await accepted()
  const url = `/boot/script?macs=,52-54-00-00-00-01&platform=pcbios&cpu=x86_64&uuid=${PC.uuid}`
  const { body } = await app.inject({ url, headers: { host: '10.0.0.2:8001' } })
  const kernel = /^kernel .*$/m.exec(body)?.[0] ?? ''
  assert.match(kernel, /http:\/\/10\.0\.0\.2:8001\/boot\/files\/live\/vmlinuz initrd=initrd\.gz /)
  assert.match(kernel, / muster=http:\/\/10\.0\.0\.2:8001 grant=[0-9a-f]{32} console=tty0 /)
  assert.match(kernel, / console=ttyS0,115200n8 quiet \|\|/)
})

test('a 32-bit processor is refused with a clear screen and cannot be accepted', async (t) => {
  const { ask, act, machine } = await bootLab(t)
  const { body } = await ask({ cpu: 'i386' })
  assert.match(body, /is not installed: this processor cannot run 64-bit Debian 13/)
  assert.deepEqual((await machine('pc-000001')).actions, ['retire'])
  assert.equal((await act('pc-000001', 'accept')).statusCode, 409)
})

test('a flood of made-up machines stays bounded, and never pushes out one that was accepted', async (t) => {
  const { accepted, app, machines, state } = await bootLab(t)
  await accepted()
  for (let i = 0; i < DISCOVERED_LIMIT + 100; i += 1) {
    const mac = `02-00-00-00-${hex(i >> 8)}-${hex(i & 255)}`
    const url = `/boot/script?macs=${mac}&platform=efi&cpu=x86_64`
    await app.inject({ url, remoteAddress: `10.9.${i >> 8}.${i & 255}` })
  }
  const names = (await machines()).map(({ name }) => name)
  assert.ok(names.length <= DISCOVERED_LIMIT + 1, `${names.length}`)
  assert.ok(names.includes('w1'))
  assert.ok(names.includes(`pc-00${hex(1099 >> 8)}${hex(1099 & 255)}`), 'the newest is there')
  const database = new DatabaseSync(`${state}/provisioning/provisioning.db`)
  const { count } = database.prepare('SELECT COUNT(*) AS count FROM boot_macs').get() ?? {}
  database.close()
  assert.ok(Number(count) <= DISCOVERED_LIMIT + 1, 'their cards are gone with them')
})
const hex = (value: number) => value.toString(16).padStart(2, '0')

test('one address cannot make up machine after machine; the ones that are known are answered', async (t) => {
  const { ask, machines } = await bootLab(t)
  const made = async (i: number) =>
    (await ask({ macs: `02-00-00-00-00-${hex(i)}`, uuid: '' })).statusCode
  for (let i = 0; i < 30; i += 1) assert.equal(await made(i), 200)
  assert.equal(await made(30), 429)
  assert.equal(await made(0), 200)
  assert.equal((await machines()).length, 30)
})

test('asking over and over for an accepted machine does not fill the disk with grants', async (t) => {
  const { accepted, ask, state } = await bootLab(t)
  await accepted()
  for (let i = 0; i < 50; i += 1) await ask()
  const database = new DatabaseSync(`${state}/provisioning/provisioning.db`)
  const { count } = database.prepare('SELECT COUNT(*) AS count FROM boot_grants').get() ?? {}
  database.close()
  assert.ok(Number(count) <= 8, `${count} grants`)
})

test('what cannot be read is 400 with a script that starts the disk, and records nothing', async (t) => {
  const { app, ask, machines } = await bootLab(t)
  const bad: Record<string, string | string[]>[] = [
    { macs: '' },
    { macs: 'zz' },
    { macs: '00-00-00-00-00-00' },
    { macs: '01-00-5e-00-00-01' },
    { macs: Array.from({ length: 17 }, (_, i) => `02-00-00-00-00-${hex(i)}`).join(',') },
    { platform: 'riscv' },
    { platform: '' },
    { cpu: 'z80' },
    { uuid: ['a', 'b'] },
  ]
  for (const query of bad) {
    const answer = await ask(query)
    assert.equal(answer.statusCode, 400, JSON.stringify(query))
    assert.match(answer.body, /^#!ipxe\n[\s\S]*sanboot --no-describe --drive 0x80/)
  }
  assert.equal((await app.inject({ url: '/boot/script' })).statusCode, 400)
  assert.deepEqual(await machines(), [])
})

test('names: three bytes of the card, all six when that is taken', async (t) => {
  const { ask, machines } = await bootLab(t)
  await ask({ macs: '52-54-00-aa-bb-cc', uuid: '' })
  await ask({ macs: '52-54-01-aa-bb-cc', uuid: '' })
  assert.deepEqual(
    (await machines()).map(({ name }) => name),
    ['pc-525401aabbcc', 'pc-aabbcc'],
  )
})

test('until it is accepted a record follows the machine: its cards, its firmware mode', async (t) => {
  const { ask, machine } = await bootLab(t)
  await ask()
  await ask({ macs: '52-54-00-00-00-01,52-54-00-00-00-09', platform: 'efi', uuid: '' })
  const { boot } = await machine('pc-000001')
  assert.deepEqual(boot?.macs, [PC.mac, '52:54:00:00:00:09'])
  assert.deepEqual([boot?.platform, boot?.product.uuid], ['efi', PC.uuid])
})

test('with nothing built an accepted machine starts its disk and says which command builds', async (t) => {
  const { accepted, ask, state, act } = await bootLab(t)
  await accepted()
  await build(state, { live: null, image: null })
  assert.match((await ask()).body, /npm run muster -- boot build/)
  const refused = await act('w1', 'accept')
  assert.equal(refused.statusCode, 409)
  assert.match(refused.json().detail, /npm run muster -- boot build/)
  assert.deepEqual(refused.json().missing, ['live', 'image'])
})

test('a restart keeps machines, their state, their grants and their reasons', async (t) => {
  const first = await bootLab(t)
  const grant = await first.installing()
  await first.post('progress', { grant, stage: 'write', percent: 40 })
  const before = await first.machine('w1')
  await first.app.close()
  const second = await bootLab(t, { state: first.state })
  assert.deepEqual(await second.machine('w1'), before)
  assert.equal((await second.post('progress', { grant, stage: 'grow' })).statusCode, 204)
  assert.equal((await second.post('facts', { grant, facts: sampleFacts() })).statusCode, 403)
  assert.equal((await second.post('installed', { grant })).statusCode, 200)
  assert.equal((await second.machine('w1')).state, 'installed')
})

test('last_seen moves at most once a minute, so that waiting machines do not write all the time', async (t) => {
  const { ask, machine, clock } = await bootLab(t)
  await ask()
  const { last_seen: first } = await machine('pc-000001')
  clock.now += MINUTE - 1
  await ask()
  assert.equal((await machine('pc-000001')).last_seen, first)
  clock.now += 1
  await ask()
  assert.equal(Date.parse((await machine('pc-000001')).last_seen) - Date.parse(first), MINUTE)
})

test('a server that is killed has kept what it answered: acceptance, used grants, the stage', async (t) => {
  const state = await temporaryFolder(t)
  await testConfig(state)
  await build(state)
  const first = await start(t, state)
  const call = async ({ url }: { url: string }, path: string, body?: object) =>
    fetch(`${url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { ...bearer, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const script = `/boot/script?macs=52-54-00-00-00-01&platform=pcbios&cpu=x86_64&uuid=${PC.uuid}`
  await call(first, script)
  await call(first, '/api/machines/pc-000001/accept', { name: 'w1' })
  const grant = grantIn(await (await call(first, script)).text())
  assert.equal((await call(first, '/boot/facts', { grant, facts: sampleFacts() })).status, 200)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  const second = await start(t, state)
  const w1 = await get(second, '/api/machines/w1')
  assert.deepEqual([w1.state, w1.boot.resolved_disk], ['installing', DISK])
  assert.equal((await call(second, '/boot/facts', { grant, facts: sampleFacts() })).status, 403)
  assert.equal((await call(second, '/boot/installed', { grant })).status, 200)
})
