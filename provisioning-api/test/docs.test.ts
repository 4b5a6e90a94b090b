import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '../src/http/operations.ts'
import { bearer, openService } from './harness.ts'

test('every documented route exists, and the document needs a key', async (t) => {
  const { app } = await openService(t)
  for (const { method, path } of operations)
    assert.ok(app.hasRoute({ method, url: path }), `${method} ${path} is documented only`)
  assert.equal((await app.inject('/openapi.json')).statusCode, 401)
  const answer = await app.inject({ url: '/openapi.json', headers: bearer })
  assert.equal(answer.statusCode, 200)
  const { paths } = answer.json() as { paths: Record<string, object> }
  assert.equal(Object.values(paths).flatMap(Object.keys).length, operations.length)
  const page = await app.inject({ url: '/docs', headers: bearer })
  assert.match(page.body, /POST \/api\/ready-for-provisioning/)
})

test('every route is documented', async (t) => {
  const { app } = await openService(t)
  const known = new Set(operations.map(({ method, path }) => `${method} ${path}`))
  for (const route of registered(app.printRoutes()))
    assert.ok(known.has(route), `${route} is not documented`)
})

/** `METHOD /path` of each line of fastify's own tree; HEAD comes with GET. */
function registered(tree: string): string[] {
  const parents: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', segment = '', methods = ''] =
      /^(.*?)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    if (!segment) return []
    parents.length = indent.length / 4
    const path = `${parents.at(-1) ?? ''}${segment}`
    parents.push(path)
    const spoken = methods.split(', ').filter((method) => method && method !== 'HEAD')
    return spoken.map((method) => `${method} ${path}`)
  })
}
