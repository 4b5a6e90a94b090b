import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { answerErrors } from './error-answer.ts'
import { causeChain, errorTable, MusterError } from './errors.ts'

function server(lines: string[] = []): FastifyInstance {
  const loggerInstance = pino({ level: 'info' }, { write: (line: string) => lines.push(line) })
  const app = fastify({ loggerInstance, bodyLimit: 1_000 }) as unknown as FastifyInstance
  answerErrors(app)
  app.get('/known', async () => {
    throw new MusterError('scope-missing', { scope: 'admin' })
  })
  app.get('/issues', async () => {
    throw new MusterError('body-invalid', { issues: [{ loc: ['a'], msg: 'no' }] })
  })
  app.get('/wait', async () => {
    throw new MusterError('too-many-attempts', { retryAfter: 7 })
  })
  app.get('/inner', async () => {
    throw new Error('password=hunter2 in /secret/place')
  })
  app.get('/inner-known', async () => {
    throw new MusterError('store-failed', { file: '/secret/place' }, { cause: new Error('EACCES') })
  })
  app.get('/full', async () => {
    throw Object.assign(new Error('write'), { code: 'ENOSPC' })
  })
  app.post('/body', async () => ({}))
  return app
}

for (const [route, status, body] of [
  ['/known', 403, { detail: errorTable['scope-missing'].message, scope: 'admin' }],
  ['/issues', 422, { detail: [{ loc: ['a'], msg: 'no' }] }],
  ['/inner', 500, { detail: errorTable.internal.message }],
  ['/inner-known', 500, { detail: errorTable['store-failed'].message }],
  ['/full', 507, { detail: errorTable['disk-full'].message }],
  ['/nowhere', 404, { detail: 'Not Found' }],
  ['/body', 405, { detail: 'Method Not Allowed' }],
] as const)
  test(`GET ${route} answers ${status}`, async () => {
    const answer = await server().inject(route)
    assert.equal(answer.statusCode, status)
    assert.deepEqual(answer.json(), body)
  })

test('405 names the methods that are there', async () => {
  const answer = await server().inject('/body?x=1')
  assert.equal(answer.headers.allow, 'POST')
})

test('429 carries Retry-After, not the number in its body', async () => {
  const answer = await server().inject('/wait')
  assert.equal(answer.headers['retry-after'], '7')
  assert.deepEqual(answer.json(), { detail: errorTable['too-many-attempts'].message })
})

for (const [what, payload, type, status] of [
  ['broken JSON', '{"a":', 'application/json', 400],
  ['an empty body', '', 'application/json', 400],
  ['another type', '<a/>', 'text/xml', 400],
  ['too much', JSON.stringify('x'.repeat(2_000)), 'application/json', 413],
] as const)
  test(`${what} answers ${status}`, async () => {
    const headers = { 'content-type': type }
    const answer = await server().inject({ method: 'POST', url: '/body', payload, headers })
    assert.equal(answer.statusCode, status)
    assert.equal(typeof answer.json().detail, 'string')
  })

test('what is not shown to the caller is in the log', async () => {
  const lines: string[] = []
  await server(lines).inject('/inner-known')
  const error = lines.map((line) => JSON.parse(line)).find((line) => line.level === 50)
  assert.equal(error.file, '/secret/place')
  assert.match(error.msg, /EACCES/)
})

test('a chain of causes is one line, each message once', () => {
  const error = new Error('outer', { cause: new Error('middle', { cause: 'inner' }) })
  assert.equal(causeChain(error), 'outer: middle: inner')
  assert.equal(causeChain('text'), 'text')
})

test('every row has a status that says error and a sentence', () => {
  for (const [code, { status, message }] of Object.entries(errorTable)) {
    assert.ok(status >= 400 && status < 600, code)
    assert.ok(message.length > 5, code)
  }
})
