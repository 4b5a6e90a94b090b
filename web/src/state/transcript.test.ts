import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServerMessage } from '@muster/agent-app/contract/socket.ts'
import { after, emptyTranscript, type Transcript } from './transcript.ts'

const play = (...messages: ServerMessage[]): Transcript => messages.reduce(after, emptyTranscript)
const texts = ({ lines }: Transcript): string[] => lines.map(({ kind, text }) => `${kind}: ${text}`)
const START: ServerMessage = {
  type: 'agent_start',
  data: { expert: 'general@w1', reason: 'healthy cluster expert' },
}
const delta = (data: string): ServerMessage => ({ type: 'agent_delta', data })
const user = (data: string): ServerMessage => ({ type: 'user', data })
const agent = (data: string): ServerMessage => ({ type: 'agent', data, expert: 'general@w1' })

test('the whole reply replaces what streamed, with the caption of its start', () => {
  const streaming = play(user('hi'), START, delta('Hel'), delta('lo'))
  assert.deepEqual(texts(streaming), ['user: hi', 'agent: Hello'])
  assert.equal(streaming.busy, true)
  assert.equal(streaming.lines[1]?.streaming, true)
  const whole = after(streaming, agent('Hello there'))
  assert.deepEqual(texts(whole), ['user: hi', 'agent: Hello there'])
  assert.equal(whole.lines[1]?.caption, 'general@w1 · healthy cluster expert')
  assert.deepEqual([whole.busy, whole.lines[1]?.streaming], [false, false])
})

test('a reply that never streamed stands alone, captioned with its expert', () => {
  const { lines } = play(user('hi'), agent('Hello'))
  assert.equal(lines[1]?.caption, 'general@w1')
})

test('an error keeps the part that arrived and ends the turn', () => {
  const cut = play(user('hi'), START, delta('Hel'), { type: 'error', data: 'The expert died.' })
  assert.deepEqual(texts(cut), ['user: hi', 'agent: Hel', 'error: The expert died.'])
  assert.equal(cut.busy, false)
  assert.equal(
    cut.lines.some(({ streaming }) => streaming),
    false,
  )
})

test('an answer of which nothing arrived leaves no empty bubble', () => {
  const cut = play(user('hi'), START, { type: 'error', data: 'The expert died.' })
  assert.deepEqual(texts(cut), ['user: hi', 'error: The expert died.'])
})

test('a user turn amid an answer does not split the answer', () => {
  const both = play(user('one'), START, delta('A'), user('two'), agent('A whole'))
  assert.deepEqual(texts(both), ['user: one', 'agent: A whole', 'user: two'])
})

test('a log message changes nothing, and old lines are dropped', () => {
  const start = play(user('hi'))
  assert.equal(after(start, { type: 'log', data: 'x' }), start)
  const many = play(...Array.from({ length: 600 }, (_, index) => user(`${index}`)))
  assert.equal(many.lines.length, 500)
  assert.equal(many.lines.at(-1)?.text, '599')
})
