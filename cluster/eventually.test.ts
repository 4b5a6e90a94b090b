import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from './eventually.ts'

const forEver = new AbortController().signal

test('the first value other than undefined and false is the answer', async () => {
  const answers = [undefined, false, 0]
  const value = await eventually(async () => answers.shift() as number | undefined | false, {
    signal: forEver,
    everyMs: 1,
    what: 'a value',
  })
  assert.equal(value, 0)
  assert.equal(answers.length, 0)
})

test('failures are tried again', async () => {
  let tries = 0
  const value = await eventually(
    async () => {
      if (++tries < 3) throw new Error('not yet')
      return 'there'
    },
    { signal: forEver, everyMs: 1, what: 'it' },
  )
  assert.equal(value, 'there')
  assert.equal(tries, 3)
})

test('after its time it says what was waited for and the last failure', async () => {
  const waiting = eventually(() => Promise.reject(new Error('403 denied')), {
    signal: forEver,
    timeoutMs: 20,
    everyMs: 1,
    what: 'a Consul leader',
  })
  await assert.rejects(
    waiting,
    /a Consul leader did not happen within 0 s \(last answer: 403 denied\)/,
  )
})

test('an abort ends the waiting at once', async () => {
  const controller = new AbortController()
  const waiting = eventually(async () => false, {
    signal: controller.signal,
    everyMs: 60_000,
    what: 'nothing',
  })
  controller.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
})
