import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, parseKeys } from './api-keys.ts'
import { type ErrorCode, MusterError } from './errors.ts'
import { Guard } from './guard.ts'

const guard = (limit?: number) => new Guard(parseKeys(`${digestOf('right')}:ann:read+chat`), limit)

const codeOf = (act: () => unknown): ErrorCode => {
  try {
    act()
  } catch (error) {
    if (error instanceof MusterError) return error.code
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a right key is let in, whatever the case of the scheme and the blanks around', () => {
  for (const header of ['Bearer right', 'bearer right', '  BEARER   right '])
    assert.equal(guard().identify(header, 'here').id, 'ann')
})

for (const [header, code] of [
  [undefined, 'key-missing'],
  ['', 'key-missing'],
  ['right', 'key-malformed'],
  ['Basic right', 'key-malformed'],
  ['Bearer', 'key-malformed'],
  ['Bearer right now', 'key-malformed'],
  ['Bearer wrong', 'key-unknown'],
  [`Bearer ${digestOf('right')}`, 'key-unknown'],
] as const)
  test(`Authorization ${JSON.stringify(header)} answers ${code}`, () => {
    assert.equal(
      codeOf(() => guard().identify(header, 'here')),
      code,
    )
  })

test('after ten wrong keys in a minute even the right one waits, from that source only', () => {
  const limited = guard()
  for (let count = 0; count < 10; count++)
    assert.equal(
      codeOf(() => limited.identify('Bearer wrong', 'there')),
      'key-unknown',
    )
  assert.equal(
    codeOf(() => limited.identify('Bearer right', 'there')),
    'too-many-attempts',
  )
  assert.equal(
    codeOf(() => limited.identifyKey('right', 'there')),
    'too-many-attempts',
  )
  assert.equal(limited.identify('Bearer right', 'elsewhere').id, 'ann')
})

test('right keys and headers without a key are not counted', () => {
  const limited = guard(1)
  for (let count = 0; count < 5; count++) {
    assert.equal(limited.identify('Bearer right', 'here').id, 'ann')
    assert.equal(
      codeOf(() => limited.identify(undefined, 'here')),
      'key-missing',
    )
  }
})

test('the wait is told in seconds', () => {
  const limited = guard(1)
  codeOf(() => limited.identifyKey('wrong', 'here'))
  assert.throws(
    () => limited.identifyKey('right', 'here'),
    (error: MusterError) => {
      const wait = error.details.retryAfter as number
      return error.status === 429 && wait > 0 && wait <= 60
    },
  )
})

test('a caller without the scope gets 403 that names it', () => {
  const caller = guard().identifyKey('right', 'here')
  Guard.require(caller, 'read')
  assert.throws(
    () => Guard.require(caller, 'admin'),
    (error: MusterError) => error.status === 403 && error.details.scope === 'admin',
  )
})

test('without keys every key is unknown', () => {
  assert.equal(
    codeOf(() => new Guard([]).identify('Bearer right', 'here')),
    'key-unknown',
  )
})
