import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootLab, kindOf, PC } from './boot-lab.ts'
import { bearer } from './harness.ts'

const OTHER_UUID = '0f0e0d0c-0b0a-0908-0706-050403020100'

test('a known card in a machine with another UUID is a clone: no grant until a person accepts it again', async (t) => {
  const { accepted, ask, machine, act } = await bootLab(t)
  await accepted()
  const { body } = await ask({ uuid: OTHER_UUID })
  assert.equal(kindOf(body), 'refuse')
  assert.match(body, /cloned MAC address/)
  assert.match((await machine('w1')).boot?.conflict ?? '', new RegExp(OTHER_UUID))
  assert.equal(
    kindOf((await ask()).body),
    'refuse',
    'the first one, too: nobody knows which is right',
  )
  assert.equal((await act('w1', 'accept')).statusCode, 200)
  assert.equal((await machine('w1')).boot?.conflict, null)
  assert.equal(kindOf((await ask({ uuid: OTHER_UUID })).body), 'live')
  assert.equal(kindOf((await ask()).body), 'refuse')
})

test('a UUID that says nothing (missing, zeros, a maker’s filler) is no reason to suspect a clone', async (t) => {
  const { accepted, ask } = await bootLab(t)
  await accepted()
  for (const uuid of [
    '',
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '03000200-0400-0500-0006-000700080009',
    'To be filled by O.E.M.',
    PC.uuid.toUpperCase(),
  ])
    assert.equal(kindOf((await ask({ uuid })).body), 'live', uuid)
})

test('the cards of two recorded machines in one request: both get nothing until a person decides', async (t) => {
  const { accepted, ask, machine, act } = await bootLab(t)
  await accepted()
  await ask({ macs: '52-54-00-00-00-02', uuid: OTHER_UUID })
  const both = { macs: '52-54-00-00-00-01,52-54-00-00-00-02' }
  assert.equal(kindOf((await ask(both)).body), 'refuse')
  for (const name of ['w1', 'pc-000002'])
    assert.match((await machine(name)).boot?.conflict ?? '', /network cards of .* and /)
  assert.equal(kindOf((await ask()).body), 'refuse')
  assert.equal((await act('w1', 'accept')).statusCode, 200)
  assert.deepEqual((await machine('w1')).boot?.macs, [PC.mac, '52:54:00:00:00:02'])
  assert.equal((await machine('pc-000002')).boot?.conflict, null)
  assert.equal(kindOf((await ask(both)).body), 'live')
})

test('machines that share a UUID are told apart by their cards, and the page says so', async (t) => {
  const { ask, machine } = await bootLab(t)
  await ask()
  await ask({ macs: '52-54-00-00-00-02' })
  assert.deepEqual((await machine('pc-000001')).boot?.hints, [
    'Its UUID is also that of pc-000002.',
  ])
  assert.equal((await machine('pc-000002')).boot?.conflict, null)
})

test('a machine that boots in the other firmware mode is not installed until it is accepted again', async (t) => {
  const { accepted, ask, machine, act } = await bootLab(t)
  await accepted()
  const { body } = await ask({ platform: 'efi' })
  assert.equal(kindOf(body), 'refuse')
  assert.match(body, /recorded in BIOS mode and boots in UEFI mode/)
  await act('w1', 'accept')
  assert.equal((await machine('w1')).boot?.platform, 'efi')
  assert.equal(kindOf((await ask({ platform: 'efi' })).body), 'live')
})

test('a clone of an installed machine takes nothing away from it, and confirming it installs nothing', async (t) => {
  const { app, installed, callHome, ask, act, machine } = await bootLab(t)
  const secret = await installed()
  await callHome({ hostname: 'w1', ip_address: '10.0.0.51', secret })
  assert.equal(kindOf((await ask({ uuid: OTHER_UUID })).body), 'local')
  assert.match((await machine('w1')).boot?.conflict ?? '', /cloned/)
  assert.ok((await machine('w1')).actions.includes('accept'))
  await act('w1', 'accept')
  const after = await machine('w1')
  assert.deepEqual([after.boot?.conflict, after.state], [null, 'enrolled'])
  assert.equal(after.boot?.product.uuid, OTHER_UUID)
  assert.equal(kindOf((await ask({ uuid: OTHER_UUID })).body), 'local')
  assert.equal((await app.inject({ url: '/health', headers: bearer })).statusCode, 200)
})
