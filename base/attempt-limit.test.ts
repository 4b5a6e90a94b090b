import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttemptLimit } from './attempt-limit.ts'

test('a source waits from its last allowed attempt to the end of its window', () => {
  const limit = new AttemptLimit(2, 60_000)
  assert.equal(limit.secondsToWait('a', 0), 0)
  limit.count('a', 0)
  assert.equal(limit.secondsToWait('a', 1), 0)
  limit.count('a', 30_000)
  assert.equal(limit.secondsToWait('a', 30_000), 30)
  assert.equal(limit.secondsToWait('a', 59_999), 1)
  assert.equal(limit.secondsToWait('a', 60_000), 0)
})

test('the next window counts from one again', () => {
  const limit = new AttemptLimit(2, 1_000)
  limit.count('a', 0)
  limit.count('a', 0)
  limit.count('a', 1_000)
  assert.equal(limit.secondsToWait('a', 1_001), 0)
  limit.count('a', 1_001)
  assert.equal(limit.secondsToWait('a', 1_002), 1)
})

test('sources are counted apart', () => {
  const limit = new AttemptLimit(1)
  limit.count('a', 0)
  assert.equal(limit.secondsToWait('b', 0), 0)
})

test('a flood of sources does not grow the map, and ended windows go first', () => {
  const limit = new AttemptLimit(1, 1_000)
  for (let source = 0; source < 9_999; source++) limit.count(`old ${source}`, 0)
  limit.count('kept', 900)
  limit.count('newest', 1_000)
  assert.ok(limit.secondsToWait('kept', 1_000) > 0)
  for (let source = 0; source < 200_000; source++) {
    limit.count(`flood ${source}`, 1_000)
    assert.ok(limit.size <= 10_000, `${limit.size} sources are remembered`)
  }
})
