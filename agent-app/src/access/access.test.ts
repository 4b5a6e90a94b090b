import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  CHAT_KEY,
  KEY,
  openTestServer,
  READ_KEY,
  type TestServer,
  upgradeStatus,
} from '../test-server.ts'
import { routeTable } from './route-table.ts'
import { Sessions } from './sessions.ts'
import { Tickets } from './tickets.ts'

const caller = { id: 'k', scopes: new Set(['chat'] as const) }
const use = { origin: 'http://a', path: '/ws' }

describe('tickets', () => {
  it('work once, for their path and Origin, for 30 s', () => {
    const tickets = new Tickets()
    const mint = () => tickets.mint(caller, use, 0)
    const good = mint()
    assert.equal(tickets.redeem(good, use, 1), caller)
    assert.equal(tickets.redeem(good, use, 1), undefined)
    assert.equal(tickets.redeem(mint(), { ...use, origin: 'http://b' }, 1), undefined)
    assert.equal(tickets.redeem(mint(), { ...use, path: '/rtvi' }, 1), undefined)
    assert.equal(tickets.redeem(mint(), use, 30_001), undefined)
    const spent = mint()
    tickets.redeem(spent, { ...use, origin: '' }, 1)
    assert.equal(tickets.redeem(spent, use, 1), undefined)
  })

  it('never pile up', () => {
    const tickets = new Tickets()
    const oldest = tickets.mint(caller, use, 0)
    for (let index = 0; index < 10_000; index += 1) tickets.mint(caller, use, 0)
    assert.equal(tickets.redeem(oldest, use, 1), undefined)
  })
})

describe('sessions', () => {
  it('end after 12 hours or when closed', () => {
    const sessions = new Sessions()
    const id = sessions.open(caller, 0)
    assert.equal(sessions.find(id, 12 * 3_600_000 - 1), caller)
    assert.equal(sessions.find(id, 12 * 3_600_000), undefined)
    sessions.close(id)
    assert.equal(sessions.find(id, 1), undefined)
  })
})

describe('access', () => {
  let server: TestServer
  before(async () => {
    server = await openTestServer()
  })
  after(() => server.close())

  const detail = async (response: Response): Promise<unknown> => {
    const body = (await response.json()) as { detail?: string; error?: { message: string } }
    return body.detail ?? body.error?.message
  }

  for (const row of routeTable.filter(({ access }) => access !== 'open')) {
    const url = row.url.replace(/:\w+/, 'x')
    it(`${row.method} ${row.url} needs ${row.access}`, async () => {
      const small = row.access === 'read' ? CHAT_KEY : READ_KEY
      if (row.socket) {
        const status = (key?: string) =>
          upgradeStatus(`${server.url}${url}`, key ? { authorization: `Bearer ${key}` } : {})
        assert.deepEqual([await status(), await status(small)], [401, 403])
        return
      }
      const call = (key: string | null) => server.fetch(url, { method: row.method, key })
      const missing = await call(null)
      assert.equal(missing.status, 401)
      assert.equal(await detail(missing), 'Missing API Key')
      if (row.access !== 'any') assert.equal((await call(small)).status, 403)
    })
  }

  it('answers the three 401s, and 429 from the eleventh wrong key on', async () => {
    const own = await openTestServer()
    const get = (authorization: string) =>
      fetch(`${own.url}/api/status`, { headers: { authorization } })
    const malformed = await get('Basic abc')
    assert.equal(malformed.status, 401)
    assert.match(String(await detail(malformed)), /Expected 'Bearer <key>'/)
    for (let attempt = 0; attempt < 10; attempt += 1)
      assert.equal((await get(`Bearer wrong${attempt}`)).status, 401)
    const limited = await get(`Bearer ${KEY}`)
    assert.equal(limited.status, 429)
    assert.ok(Number(limited.headers.get('retry-after')) > 0)
    await own.close()
  })

  it('refuses a foreign Host and, for what changes anything, a foreign Origin', async () => {
    const inject = (headers: Record<string, string>, method: 'GET' | 'POST' = 'GET') =>
      server.app.inject({ method, url: '/api/session', headers, payload: {} })
    assert.equal((await inject({ host: 'evil.example' })).statusCode, 403)
    const host = new URL(server.url).host
    const authorization = `Bearer ${KEY}`
    const foreign = await inject({ host, authorization, origin: 'http://evil.example' }, 'POST')
    assert.equal(foreign.statusCode, 403)
    assert.equal(
      (await inject({ host, authorization, origin: server.url }, 'POST')).statusCode,
      200,
    )
  })

  it('signs in with a cookie that needs the right Origin to change anything', async () => {
    const login = await server.post('/api/login', { key: READ_KEY }, { origin: server.url })
    assert.equal(login.status, 204)
    const cookie = login.headers.get('set-cookie') ?? ''
    assert.match(cookie, /HttpOnly/)
    assert.match(cookie, /SameSite=Strict/)
    const headers = { cookie: cookie.split(';')[0]! }
    const me = await server.fetch('/api/me', { key: null, headers })
    assert.deepEqual(await me.json(), { id: 'r', scopes: ['read'] })
    const session = (more: object) =>
      server.fetch('/api/session', { key: null, method: 'POST', headers: { ...headers, ...more } })
    assert.equal((await session({})).status, 403)
    assert.equal((await session({ origin: 'http://evil.example' })).status, 403)
    assert.equal((await session({ origin: server.url })).status, 200)
    await server.fetch('/api/logout', { key: null, method: 'POST', headers })
    assert.equal((await server.fetch('/api/me', { key: null, headers })).status, 401)
  })

  it('refuses a login with a wrong key', async () => {
    assert.equal((await server.post('/api/login', { key: 'no' })).status, 401)
    assert.equal((await server.post('/api/login', {})).status, 422)
  })

  it('opens a socket with a ticket once, from the Origin that asked for it', async () => {
    const origin = server.url
    const ticket = async (path: string) => {
      const response = await server.post('/api/session', { path }, { origin })
      const body = (await response.json()) as { wsUrl: string; token: string }
      assert.deepEqual(Object.keys(body), ['wsUrl', 'token'])
      return `${body.wsUrl.replace('ws', 'http')}?token=${body.token}`
    }
    const url = await ticket('/ws')
    assert.equal(await upgradeStatus(url, { origin }), 101)
    assert.equal(await upgradeStatus(url, { origin }), 401)
    assert.equal(await upgradeStatus(await ticket('/ws')), 401)
    assert.equal(await upgradeStatus(await ticket('/ws'), { origin: 'http://evil.example' }), 403)
    const other = (await ticket('/rtvi')).replace('/rtvi', '/ws')
    assert.equal(await upgradeStatus(other, { origin }), 401)
  })

  it('puts the security headers on every answer', async () => {
    for (const route of ['/health', '/nowhere', '/api/me']) {
      const { headers } = await server.fetch(route, { key: null })
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
    }
  })
})
