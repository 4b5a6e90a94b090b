import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discovered, machine } from '../../test/samples.ts'
import { changes } from './machine-news.ts'

test('only what changed is told, by the name the machine has now', () => {
  const before = [machine('w1', { state: 'enrolled' }), discovered('pc-1')]
  assert.equal(changes(before, before), '')
  assert.equal(changes(before, [machine('w1'), before[1]!]), 'w1: ready. ')
  const renamed = { ...before[1]!, name: 'w2', state: 'accepted' as const }
  assert.equal(changes(before, [before[0]!, renamed]), 'w2: accepted. ')
  const conflict = discovered('pc-1', {}, { conflict: 'Two machines have this card.' })
  assert.equal(
    changes(before, [before[0]!, conflict]),
    'pc-1: discovered. Two machines have this card.',
  )
})

test('many changes at once are counted', () => {
  const all = ['a', 'b', 'c', 'd'].map((name) => discovered(name))
  assert.equal(changes([], all), '4 machines changed.')
})
