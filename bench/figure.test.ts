import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge, median } from './figure.ts'
import { tableOf } from './table.ts'

const measured = (value: number, goal?: string) =>
  judge({ name: 'a', value, unit: 's', ...(goal ? { goal } : {}) })

for (const [value, goal, holds] of [
  [10, '<= 10', true],
  [10.1, '<= 10', false],
  [10, '< 10', false],
  [3, '>= 2.5', true],
  [2, '> 2', false],
  [Number.NaN, '<= 10', false],
] as const)
  test(`${value} ${goal} is ${holds}`, () => {
    assert.equal(measured(value, goal).holds, holds)
  })

test('without a goal nothing is judged', () => {
  assert.deepEqual(measured(1), { name: 'a', value: 1, unit: 's', goal: null, holds: null })
})

test('a goal that cannot be read is an error', () => {
  assert.throws(() => measured(1, 'fast'), /the goal 'fast'/)
})

test('the median is the middle', () => {
  assert.equal(median([9, 1, 5]), 5)
  assert.equal(median([4, 1, 2, 9]), 3)
  assert.ok(Number.isNaN(median([])))
})

test('the table shows who misses its goal', () => {
  const table = tableOf([measured(1), measured(11, '<= 10'), measured(9, '<= 10')])
  assert.deepEqual(
    table.split('\n').map((line) => /MISSED|holds/.exec(line)?.[0]),
    [undefined, undefined, 'MISSED', 'holds'],
  )
})
