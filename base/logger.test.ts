import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { createLogger } from './logger.ts'

function logging() {
  const lines: string[] = []
  return { lines, log: createLogger('test', { write: (line: string) => void lines.push(line) }) }
}

test('secrets are redacted wherever the paths name them', () => {
  const { lines, log } = logging()
  const secret = 'hunter2'
  log.info({ token: secret, password: secret, secret, apiKey: secret })
  log.info({ login: { token: secret, password: secret, secret, apiKey: secret } })
  log.info({ headers: { authorization: secret, cookie: secret } })
  assert.equal(lines.length, 3)
  for (const line of lines) assert.ok(!line.includes(secret), line)
  assert.equal(JSON.parse(lines[0]!).token, '[redacted]')
})

test('a request is logged without its query and its headers', async () => {
  const { lines, log } = logging()
  const app = fastify({ loggerInstance: log })
  app.get('/ws', async () => ({}))
  await app.inject({ url: '/ws?token=ticket-1', headers: { authorization: 'Bearer key-1' } })
  const text = lines.join('')
  assert.match(text, /"url":"\/ws"/)
  assert.ok(!text.includes('ticket-1') && !text.includes('key-1'), text)
})

test('the grant of an installing machine is not in the log of its requests', async () => {
  const { lines, log } = logging()
  const app = fastify({ loggerInstance: log })
  app.setNotFoundHandler(async () => ({}))
  const grant = '0123456789abcdef0123456789abcdef'
  for (const url of [
    `/boot/preseed/${grant}`,
    `/boot/beacon/${grant}/late`,
    `/boot/x/${grant}?a=1`,
  ])
    await app.inject({ url })
  await app.inject({ url: '/boot/files/live/vmlinuz' })
  const text = lines.join('')
  assert.ok(!text.includes(grant), text)
  assert.match(text, /"url":"\/boot\/beacon\/\[redacted\]\/late"/)
  assert.match(text, /"url":"\/boot\/files\/live\/vmlinuz"/)
})

test('what is no secret stays', () => {
  const { lines, log } = logging()
  log.info({ machine: 'w1' }, 'hello')
  const line = JSON.parse(lines[0]!)
  assert.equal(line.machine, 'w1')
  assert.equal(line.msg, 'hello')
  assert.equal(line.name, 'test')
})
