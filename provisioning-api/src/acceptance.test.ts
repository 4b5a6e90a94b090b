import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../contract/job.ts'
import { isRepeat } from './acceptance.ts'

test('only the same machine and address within ten minutes of its success is a repeat', () => {
  const ended = '2026-11-21T10:00:00.000Z'
  const job: Job = {
    id: 'w1-1',
    machine: 'w1',
    ip_address: '10.0.0.1',
    state: 'success',
    phase: 'deploy',
    stage: null,
    reason: null,
    created: ended,
    started: ended,
    ended,
  }
  const at = (minutes: number) => Date.parse(ended) + minutes * 60_000
  const target = { name: 'w1', address: '10.0.0.1' }
  assert.equal(isRepeat(job, target, at(9.9)), true)
  assert.equal(isRepeat(job, target, at(10)), false)
  assert.equal(isRepeat(job, { ...target, address: '10.0.0.2' }, at(1)), false)
  assert.equal(isRepeat({ ...job, state: 'failed' }, target, at(1)), false)
  assert.equal(isRepeat(undefined, target, at(1)), false)
})
