import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeLlama } from '../experts/fake-llama.ts'
import { openTestServer, type TestServer, TestSocket } from '../test-server.ts'

const json = async (response: Response) => ({
  status: response.status,
  body: await response.json(),
})

describe('routes', () => {
  let server: TestServer
  let llama: FakeLlama
  beforeEach(async () => {
    server = await openTestServer()
    llama = await new FakeLlama().listen()
  })
  afterEach(async () => {
    await server.close()
    await llama.close()
  })
  const get = async (route: string) => json(await server.fetch(route))

  it('is not healthy before an expert can answer, and says so', async () => {
    assert.deepEqual(await get('/health'), { status: 503, body: { status: 'initializing' } })
    const before = (await get('/api/status')).body.status
    assert.equal(before, 'Agent not fully initialized. Please wait...')
    server.directory.add('general@w1', llama)
    assert.deepEqual(await get('/health'), { status: 200, body: { status: 'ok' } })
    assert.equal((await get('/api/status')).body.status, 'No active pipelines.')
    await TestSocket.open(server)
    await server.conversations.get('default')
    const text = 'Current pipeline status:\n- Task default: idle\n'
    assert.equal((await get('/api/status')).body.status, text)
    server.directory.state = 'away'
    assert.equal((await get('/api/status')).body.consul, 'away')
  })

  it('lists experts with the reason why one cannot answer', async () => {
    server.directory.add('general@w1', llama)
    const { body } = await get('/api/experts')
    assert.deepEqual(body[0], {
      id: 'general@w1',
      name: 'general',
      kind: 'cluster',
      node: 'w1',
      model: 'tiny',
      fallback: false,
      healthy: true,
    })
    assert.equal(body[1].healthy, false)
    assert.match(body[1].detail, /MUSTER_EMBEDDED/)
  })

  it('tells the progress of up, none without its file', async () => {
    assert.deepEqual((await get('/api/cluster')).body, { cluster: false, steps: [] })
    const step = { id: 's', title: 'S', state: 'running', detail: null, seconds: 1 }
    const progress = { cluster: true, steps: [step] }
    await writeFile(path.join(server.state, 'progress.json'), JSON.stringify(progress))
    assert.deepEqual((await get('/api/cluster')).body, progress)
  })

  it('serves the page once it is built, nothing outside its folder', async () => {
    const missing = await server.fetch('/', { key: null })
    assert.equal(missing.status, 503)
    assert.match(await missing.text(), /npm run web:build/)
    const folder = path.join(server.state, 'dist')
    await mkdir(path.join(folder, 'assets'), { recursive: true })
    await writeFile(path.join(folder, 'index.html'), '<title>Mission Control</title>')
    await writeFile(path.join(folder, 'assets/a.js'), 'let a')
    await writeFile(path.join(server.state, 'secret'), 'secret')
    assert.match(await (await server.fetch('/', { key: null })).text(), /Mission Control/)
    assert.equal(await (await server.fetch('/static/assets/a.js', { key: null })).text(), 'let a')
    for (const route of ['..%2fsecret', '%2e%2e/secret', 'assets/..%2f..%2fsecret', 'none.js'])
      assert.notEqual((await server.fetch(`/static/${route}`, { key: null })).status, 200)
  })

  it('lists no broken links while Consul does not answer', async () => {
    const { status, body } = await get('/api/web_uis')
    assert.equal(status, 503)
    assert.deepEqual(body, [
      { name: 'Consul (Not Reachable)', url: null },
      { name: 'Nomad (Not Reachable)', url: null },
    ])
  })

  describe('snapshots', () => {
    const save = async (save_name: unknown) =>
      json(await server.post('/api/state/save', { save_name }))
    const load = async (save_name: unknown) =>
      json(await server.post('/api/state/load', { save_name }))
    const message = (text: string) => ({ message: text })

    async function turn(text: string): Promise<void> {
      const socket = await TestSocket.open(server)
      socket.say({ type: 'user_message', data: text })
      await socket.next('agent')
      socket.socket.close()
    }
    const turns = async () =>
      (await server.conversations.get('default')).exchanges.map(({ user }) => user)

    it('saves all conversations and brings them back', async () => {
      server.directory.add('general@w1', llama)
      await turn('before')
      const saved = await save('one')
      assert.deepEqual(saved, { status: 200, body: message("Successfully saved state to 'one'") })
      await turn('after')
      const loaded = await load('one')
      assert.deepEqual(loaded.body, message("Successfully loaded state from 'one'"))
      assert.deepEqual(await turns(), ['before'])
      await save('one')
      const names = await readdir(path.join(server.state, 'agent/snapshots'))
      assert.deepEqual(names, ['one'])
    })

    it('refuses a damaged snapshot before anything changes', async () => {
      server.directory.add('general@w1', llama)
      await turn('before')
      await save('one')
      const file = path.join(server.state, 'agent/snapshots/one/short_term_memory.json')
      await writeFile(file, (await readFile(file, 'utf8')).replace('before', 'forged'))
      const { status, body } = await load('one')
      assert.equal(status, 500)
      assert.match(body.message, /^Error loading state: the checksum differs/)
      assert.deepEqual(await turns(), ['before'])
    })

    it('answers the original texts with real statuses', async () => {
      assert.deepEqual(await save('x'), {
        status: 503,
        body: message('Agent not fully initialized.'),
      })
      server.directory.add('general@w1', llama)
      assert.deepEqual(await save(undefined), {
        status: 400,
        body: message('save_name is required'),
      })
      for (const name of ['../x', 'a/b', 'a..b', '.x', 'x'.repeat(65), 5])
        assert.equal((await save(name)).status, 400)
      assert.match((await save('../x')).body.message, /^Invalid save_name\./)
      const missing = await load('none')
      assert.deepEqual(missing, {
        status: 404,
        body: message("Error: Save state 'none' not found."),
      })
      assert.equal((await server.post('/api/state/save', [])).status, 422)
    })
  })
})
