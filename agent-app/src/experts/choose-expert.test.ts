import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Candidate, chooseExpert } from './choose-expert.ts'

const cluster = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  name: id.split('@')[0]!,
  kind: 'cluster',
  healthy: true,
  pending: 0,
  suspect: false,
  ...more,
})
const embedded: Candidate = { ...cluster('embedded'), kind: 'embedded' }
const orderOf = (experts: Candidate[], asked?: string) => chooseExpert(experts, asked).order

describe('chooseExpert', () => {
  it('auto: fewest pending first, suspects last, embedded at the end', () => {
    const experts = [
      cluster('a@w1', { pending: 2 }),
      cluster('b@w2', { pending: 1 }),
      cluster('c@w3', { suspect: true }),
      cluster('d@w4', { healthy: false }),
      embedded,
    ]
    assert.deepEqual(orderOf(experts), ['b@w2', 'a@w1', 'c@w3', 'embedded'])
    assert.deepEqual(orderOf(experts, 'auto'), orderOf(experts))
  })

  it('a name means any instance, an id that one before its siblings', () => {
    const experts = [cluster('a@w1', { pending: 1 }), cluster('a@w2'), cluster('b@w3'), embedded]
    assert.deepEqual(orderOf(experts, 'a'), ['a@w2', 'a@w1', 'embedded'])
    assert.deepEqual(orderOf(experts, 'a@w1'), ['a@w1', 'a@w2', 'embedded'])
    assert.deepEqual(orderOf(experts, 'embedded'), ['embedded'])
  })

  it('falls back to the embedded one and says why', () => {
    const choice = chooseExpert([cluster('a@w1', { healthy: false }), embedded], 'a')
    assert.ok(choice.order)
    assert.deepEqual(choice.order, ['embedded'])
    assert.match(choice.reason, /a is not healthy/)
  })

  it('tells an unknown model from no expert at all', () => {
    assert.deepEqual(chooseExpert([embedded], 'x'), { order: null, error: 'expert-unknown' })
    const none = [{ ...embedded, healthy: false }]
    assert.deepEqual(chooseExpert(none, 'auto'), { order: null, error: 'no-expert' })
  })
})
