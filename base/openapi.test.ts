import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { docsPage, type Operation, openApiDocument } from './openapi.ts'

const operations: Operation[] = [
  {
    method: 'POST',
    path: '/api/things/:id',
    summary: 'Changes <one> thing.',
    access: 'operate',
    body: z.object({ size: z.int().positive() }),
    query: z.object({ dry: z.boolean().default(false) }),
    answers: { 200: z.object({ id: z.string() }), 204: 'Nothing' },
  },
  { method: 'GET', path: '/health', summary: 'Alive.', access: 'open', answers: { 200: 'ok' } },
]

test('paths, parameters, bodies and answers come from the schemas', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a document is walked like any JSON
  const document = openApiDocument('T', operations) as any
  assert.equal(document.openapi, '3.1.0')
  const post = document.paths['/api/things/{id}'].post
  assert.deepEqual(
    post.parameters.map(({ name, in: place }: { name: string; in: string }) => `${place} ${name}`),
    ['path id', 'query dry'],
  )
  const body = post.requestBody.content['application/json'].schema
  assert.deepEqual(body.required, ['size'])
  assert.deepEqual(Object.keys(post.responses), ['200', '204', '401', '403', '429'])
  assert.deepEqual(post.security, [{ key: [] }])
  assert.equal(document.paths['/health'].get.security, undefined)
})

test('the page escapes what it shows and has neither script nor style', () => {
  const page = docsPage('T', operations)
  assert.match(page, /Changes &lt;one&gt; thing\./)
  assert.doesNotMatch(page, /<script|style=/)
})
