import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MachineState } from '../../contract/machine.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { identify, realUuid } from './identity.ts'

const UUID = '4c4c4544-0039-5a10-8054-b4c04f4d3031'
const OTHER = '0f0e0d0c-0b0a-0908-0706-050403020100'
const machine = (change: Partial<BootMachine>) =>
  ({
    id: 'a',
    name: 'w1',
    state: 'ready',
    uuid: UUID,
    platform: 'pcbios',
    ...change,
  }) as BootMachine
const shown = (change: object = {}) => ({
  macs: ['52:54:00:00:00:01'],
  uuid: UUID,
  platform: 'pcbios' as const,
  ...change,
})

test('a UUID counts when it is one and no filler of a board maker', () => {
  assert.equal(realUuid(UUID.toUpperCase()), UUID)
  for (const text of [
    '',
    'x',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '03000200-0400-0500-0006-000700080009',
    'Not Settable',
  ])
    assert.equal(realUuid(text), '', text)
})

test('no machine has the card: new; one has it: known', () => {
  assert.equal(identify([], shown()).kind, 'new')
  assert.equal(identify([machine({})], shown()).kind, 'known')
})

test('a UUID is compared only where both sides have a real one', () => {
  assert.equal(identify([machine({ uuid: '' })], shown()).kind, 'known')
  assert.equal(identify([machine({})], shown({ uuid: '' })).kind, 'known')
  assert.equal(identify([machine({})], shown({ uuid: OTHER })).kind, 'conflict')
})

test('the cards of two machines in one request are a conflict of both', () => {
  const found = identify([machine({}), machine({ id: 'b', name: 'w2' })], shown())
  assert.ok(found.kind === 'conflict')
  assert.deepEqual(found.conflict.others, ['a', 'b'])
  assert.match(found.conflict.text, /w1 and w2/)
})

test('the other firmware mode is a conflict only while an installation would be made for it', () => {
  const kinds = (
    ['accepted', 'reinstall', 'installing', 'discovered', 'ready'] as MachineState[]
  ).map((state) => identify([machine({ state })], shown({ platform: 'efi' })).kind)
  assert.deepEqual(kinds, ['conflict', 'conflict', 'conflict', 'known', 'known'])
})
