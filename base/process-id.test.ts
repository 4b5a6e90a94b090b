import assert from 'node:assert/strict'
import { test } from 'node:test'
import { identify, isAlive } from './process-id.ts'

test('the start time of a process stays the same, and a pid without a process has none', () => {
  const me = identify(process.pid)
  assert.match(me!.start, /^\d+$/)
  assert.deepEqual(identify(process.pid), me)
  assert.equal(identify(2 ** 22 + 1), undefined)
})

test('the same number with another start is another process', () => {
  assert.ok(isAlive(identify(process.pid)!))
  assert.ok(!isAlive({ pid: process.pid, start: '1' }))
})
