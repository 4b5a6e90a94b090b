import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clock, count, memory, seconds, storage } from './text.ts'

test('seconds read like a person says them', () => {
  assert.deepEqual([0.44, 9.96, 12.4, 59.4, 185].map(seconds), [
    '0.4 s',
    '10 s',
    '12 s',
    '59 s',
    '3 min 5 s',
  ])
})

test('a clock shows hours and minutes, and what is no time stays as it is', () => {
  assert.match(clock('2026-05-01T15:40:00Z'), /^\d\d:\d\d$/)
  assert.equal(clock('soon'), 'soon')
})

test('sizes read as on a label', () => {
  assert.deepEqual([5e8, 240_057_409_536, 2e12].map(storage), ['500 MB', '240 GB', '2 TB'])
  assert.deepEqual([512, 7864].map(memory), ['512 MB', '7.7 GB'])
  assert.deepEqual([count(1, 'core'), count(4, 'core')], ['1 core', '4 cores'])
})
