import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, findKey, keysFromEnvironment, newKey, parseKeys, Scope } from './api-keys.ts'

const KEY = 'my_super_secret_api_key'
const DIGEST = 'ff423ebabb9aa1d9697a18088e5c00f790645c64c8269485cf3e8a248f7589f0'

test('the digest of a key is that of the published test vector', () => {
  assert.equal(digestOf(KEY), DIGEST)
})

test('a bare digest has every scope and a number as its name', () => {
  const [key] = parseKeys(` ${DIGEST} ,`)
  assert.equal(key?.id, 'key-1')
  assert.deepEqual([...key!.scopes], Scope.options)
})

test('an entry may carry a name and scopes', () => {
  const [, second] = parseKeys(`${DIGEST},${digestOf('other').toUpperCase()}:agent:read+chat`)
  assert.equal(second?.id, 'agent')
  assert.deepEqual([...second!.scopes], ['read', 'chat'])
  assert.equal(findKey([second!], 'other')?.id, 'agent')
})

for (const [what, list] of [
  ['a key in plain text', KEY],
  ['a short digest', DIGEST.slice(1)],
  ['an unknown scope', `${DIGEST}:a:fly`],
  ['a name with blanks', `${DIGEST}:a b:read`],
] as const)
  test(`${what} is an error, not a key`, () => {
    assert.throws(() => parseKeys(list))
  })

test('a malformed entry is named by its number and never shown', () => {
  assert.throws(
    () => parseKeys(`${DIGEST},${KEY}`),
    (error: Error) => {
      assert.match(error.message, /API key 2/)
      return !error.message.includes(KEY)
    },
  )
})

test('a key is found by its text, never by its digest', () => {
  const keys = parseKeys(`${digestOf('first')}:first,${DIGEST}:second`)
  assert.equal(findKey(keys, KEY)?.id, 'second')
  assert.equal(findKey(keys, 'first')?.id, 'first')
  assert.equal(findKey(keys, DIGEST), undefined)
  assert.equal(findKey(keys, ''), undefined)
})

test('without an entry every key is refused', () => {
  assert.equal(findKey(parseKeys(' , '), KEY), undefined)
})

test('PIPECAT_API_KEYS counts when it is not empty, else the spelling PIECAT_API_KEYS', () => {
  const both = { PIPECAT_API_KEYS: `${DIGEST}:new`, PIECAT_API_KEYS: `${DIGEST}:old` }
  assert.equal(keysFromEnvironment(both).keys[0]?.id, 'new')
  assert.equal(keysFromEnvironment({ ...both, PIPECAT_API_KEYS: '' }).keys[0]?.id, 'old')
  assert.deepEqual(keysFromEnvironment({}), { keys: [], source: 'PIECAT_API_KEYS' })
})

test('a new key is 64 hex digits and never the same', () => {
  const made = new Set(Array.from({ length: 50 }, newKey))
  assert.equal(made.size, 50)
  for (const key of made) assert.match(key, /^[0-9a-f]{64}$/)
})
