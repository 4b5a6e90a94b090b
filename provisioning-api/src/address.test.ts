import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalAddress } from './address.ts'

test('an address gets its one spelling', () => {
  assert.deepEqual(canonicalAddress('10.0.0.51', false), { address: '10.0.0.51' })
  assert.deepEqual(canonicalAddress('FD00:0:0:0:0:0:0:0A', false), { address: 'fd00::a' })
  assert.deepEqual(canonicalAddress('127.0.0.1', true), { address: '127.0.0.1' })
  assert.deepEqual(canonicalAddress('::1', true), { address: '::1' })
})

test('an address that no machine can have is refused', () => {
  for (const text of [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    '224.0.0.1',
    'ff02::1',
    '169.254.1.1',
    'fe80::1',
    'fe80::1%eth0',
    '255.255.255.255',
    '::ffff:10.0.0.1',
    '::ffff:0a00:1',
    '010.0.0.1',
    '10.1',
    '0x0a000001',
    '10.0.0.1 ',
    '10.0.0.1/24',
    'w1',
    '',
    '{{ 1 }}',
    '10.0.0.1\n',
  ])
    assert.ok('problem' in canonicalAddress(text, false), JSON.stringify(text))
  assert.ok('problem' in canonicalAddress('::ffff:127.0.0.1', true))
})
