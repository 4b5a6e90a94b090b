import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backOff, readFrame, ticketUrl } from './socket.ts'

test('the wait doubles to ten seconds and is spread by a quarter', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 1000].map((attempt) => backOff(attempt, 1)),
    [500, 1000, 2000, 4000, 8000, 10_000, 10_000],
  )
  assert.equal(backOff(0, 0), 375)
})

test('the ticket joins a query that is there already', () => {
  const session = { wsUrl: 'ws://h:8000/ws?conversation=a', token: 't&1' }
  assert.equal(ticketUrl(session, 'http:'), 'ws://h:8000/ws?conversation=a&token=t%261')
})

test('a page that came by TLS never opens an unencrypted socket', () => {
  assert.equal(
    ticketUrl({ wsUrl: 'ws://h:8000/ws', token: 't' }, 'https:'),
    'wss://h:8000/ws?token=t',
  )
})

test('only messages of the contract are read', () => {
  assert.deepEqual(readFrame('{"type":"log","data":"x"}'), { type: 'log', data: 'x' })
  for (const frame of ['', '{', '[]', '{"type":"other"}', '{"type":"log","data":1}', null])
    assert.equal(readFrame(frame), undefined)
})
