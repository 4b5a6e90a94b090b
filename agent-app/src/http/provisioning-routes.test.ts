import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openTestServer, type TestServer } from '../test-server.ts'

const MACHINE = {
  name: 'w1',
  ip_address: null,
  state: 'accepted',
  stage: null,
  reason: null,
  job_id: null,
  first_seen: '2026-05-01T13:00:00Z',
  last_seen: '2026-05-01T13:20:00Z',
  previous_addresses: [],
  actions: ['retire'],
  boot: null,
}

const json = async (response: Response) => ({
  status: response.status,
  body: await response.json(),
})

describe('the way to the provisioning API', () => {
  let server: TestServer
  let upstream: Server
  const asked: { route: string; key: string | undefined; body: unknown }[] = []
  let answer: { status: number; body: unknown }

  beforeEach(async () => {
    asked.length = 0
    upstream = createServer(async (request, response) => {
      const body = await text(request)
      asked.push({
        route: `${request.method} ${request.url}`,
        key: request.headers.authorization,
        body: body === '' ? null : JSON.parse(body),
      })
      response.writeHead(answer.status).end(JSON.stringify(answer.body))
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const { port } = upstream.address() as AddressInfo
    server = await openTestServer({ provisioningUrl: `http://127.0.0.1:${port}` })
  })
  afterEach(async () => {
    await server.close()
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
  })

  it('passes answers on with its own key, and names stay one path segment', async () => {
    answer = { status: 200, body: { open: true, until: null, machine: null } }
    assert.deepEqual(await (await server.fetch('/api/enrolment')).json(), answer.body)
    const key = 'Bearer provisioning-key'
    assert.deepEqual(asked.at(-1), { route: 'GET /api/enrolment', key, body: null })
    answer = { status: 202, body: { message: 'm', job_id: 'j' } }
    const again = await server.fetch('/api/machines/w1%2Fx/provision', { method: 'POST' })
    assert.equal(again.status, 202)
    assert.equal(asked.at(-1)?.route, 'POST /api/machines/w1%2Fx/provision')
    answer = { status: 200, body: { text: 'x', next: 4, done: false } }
    await server.fetch('/api/jobs/j/log?from=3')
    assert.equal(asked.at(-1)?.route, 'GET /api/jobs/j/log?from=3')
    answer = { status: 404, body: { detail: 'No such job.' } }
    assert.equal((await server.fetch('/api/jobs/j')).status, 404)
  })

  it('passes on what a person wants of a machine, with every choice spelled out', async () => {
    answer = { status: 200, body: MACHINE }
    const route = '/api/machines/pc-1'
    const said = await json(await server.post(`${route}/accept`, { name: 'W1', erase: true }))
    assert.deepEqual(said, { status: 200, body: MACHINE })
    await server.post(`${route}/reinstall`, { mode: 'package', disk: 'wwid:0x5', erase: true })
    await server.post(`${route}/boot-binary`, { binary: 'next' })
    await server.fetch(`${route}/retire`, { method: 'POST' })
    assert.deepEqual(
      asked.map((one) => [one.route, one.body]),
      [
        [`POST ${route}/accept`, { mode: 'image', disk: 'only', erase: true, name: 'w1' }],
        [`POST ${route}/reinstall`, { mode: 'package', disk: 'wwid:0x5', erase: true }],
        [`POST ${route}/boot-binary`, { binary: 'next' }],
        [`POST ${route}/retire`, null],
      ],
    )
    answer = { status: 200, body: { text: 'x', next: 4, done: false } }
    assert.equal((await server.fetch(`${route}/boot-log?from=3`)).status, 200)
    assert.equal(asked.at(-1)?.route, `GET ${route}/boot-log?from=3`)
  })

  it('opens the accept window and passes refusals on', async () => {
    const window = { mode: 'image', disk: 'only', erase: false, macs: ['52:54:00:00:00:01'] }
    answer = { status: 200, body: { ...window, open: true, until: '2026-05-01T15:40:00Z' } }
    assert.deepEqual(await (await server.fetch('/api/accept-window')).json(), answer.body)
    await server.post('/api/accept-window', { minutes: 5, macs: ['52-54-00-00-00-01'] })
    assert.deepEqual(asked.at(-1)?.body, { ...window, minutes: 5 })
    answer = { status: 409, body: { detail: 'This name is taken.' } }
    const refused = await json(await server.post('/api/machines/pc-1/accept', { name: 'w1' }))
    assert.deepEqual(refused, answer)
  })

  it('answers 422 by itself to what the contract does not allow', async () => {
    for (const [route, body] of [
      ['/api/machines/pc-1/accept', { name: 'all' }],
      ['/api/machines/pc-1/reinstall', { disk: 'sda' }],
      ['/api/machines/pc-1/boot-binary', { binary: 'evil.efi' }],
      ['/api/accept-window', { minutes: 5 }],
    ] as const)
      assert.equal((await server.post(route, body)).status, 422, route)
    assert.deepEqual(asked, [])
  })

  it('answers 502 for what does not fit the contract, is refused there, or does not answer', async () => {
    for (const body of [
      { status: 200, body: [{ name: 5 }] },
      { status: 500, body: {} },
      { status: 401, body: {} },
    ]) {
      answer = body
      const { status, body: said } = await json(await server.fetch('/api/machines'))
      assert.equal(status, 502)
      assert.deepEqual(said, { detail: 'The provisioning API does not answer. Is it running?' })
    }
    upstream.closeAllConnections()
    await new Promise((resolve) => upstream.close(resolve))
    assert.equal((await server.fetch('/api/machines')).status, 502)
  })
})
