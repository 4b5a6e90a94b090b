import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { stateFiles } from '@muster/base/state.ts'
import { Appliance } from '../lab/appliance.ts'
import { until } from '../lab/until.ts'
import { insideOwnNetwork, noNetworkReason, othersInNetwork } from './own-network.ts'
import { processesNaming } from './processes.ts'
import { runUp } from './run-up.ts'

const FIELDS = ['agentApp', 'apiKey', 'missionControl', 'openai', 'provisioningApi', 'state']
const skip = noNetworkReason()

if (skip) test('up', { skip })
else if (await insideOwnNetwork(import.meta.filename)) tests()

const newState = () => mkdtemp(path.join(tmpdir(), 'muster-up-'))

async function temporary(context: TestContext): Promise<string> {
  const state = await newState()
  context.after(() => rm(state, { recursive: true, force: true }))
  return state
}

const upPid = async (state: string): Promise<number> =>
  JSON.parse(await readFile(path.join(stateFiles(state).run, 'up.json'), 'utf8')).pid

async function nothingLeft(state: string): Promise<void> {
  await until('every process ended', async () => (await othersInNetwork()).length === 0, 20)
  assert.deepEqual(await processesNaming(state), [])
}

function tests(): void {
  describe('up --no-cluster', () => runningTests())

  for (const [port, variable] of [
    [8000, 'MUSTER_AGENT_PORT'],
    [8001, 'MUSTER_PROVISIONING_PORT'],
  ] as const)
    test(`port ${port} taken: exit 1 and a sentence with ${variable}`, async (context) => {
      const other = createServer().listen(port, '127.0.0.1')
      context.after(() => other.close())
      await once(other, 'listening')
      const state = await temporary(context)
      const run = await runUp(['--no-cluster', '--json', '--state', state])
      assert.equal(run.exitCode, 1)
      assert.equal(run.stdout, '')
      const sentence = run.stderr.trim().split('\n').at(-1)!
      assert.ok(sentence.includes(String(port)) && sentence.includes(variable), run.stderr)
      await nothingLeft(state)
    })

  test('another port of the environment is used and printed', async (context) => {
    const state = await temporary(context)
    const appliance = await Appliance.start(['--no-cluster', '--state', state], {
      env: { MUSTER_AGENT_PORT: '18000', MUSTER_PROVISIONING_PORT: '18001' },
    })
    context.after(() => appliance.stop())
    assert.equal(appliance.line.agentApp, 'http://127.0.0.1:18000')
    assert.equal(appliance.line.provisioningApi, 'http://127.0.0.1:18001')
    await appliance.get('/api/machines')
  })

  test('Ctrl-C ends everything with 0, and the next start keeps the key', async (context) => {
    const state = await temporary(context)
    const first = await Appliance.start(['--no-cluster', '--state', state])
    assert.ok((await othersInNetwork()).length >= 3, 'up and its servers run in this network')
    assert.equal(await first.stop(), 0)
    await nothingLeft(state)
    const second = await Appliance.start(['--no-cluster', '--state', state])
    assert.equal(second.line.apiKey, first.line.apiKey)
    assert.equal(await second.stop(), 0)
  })

  test('kill -9 of up takes the servers with it', async (context) => {
    const state = await temporary(context)
    const appliance = await Appliance.start(['--no-cluster', '--state', state])
    process.kill(await upPid(state), 'SIGKILL')
    await nothingLeft(state)
    const next = await Appliance.start(['--no-cluster', '--state', state])
    assert.equal(next.line.apiKey, appliance.line.apiKey)
    assert.equal(await next.stop(), 0)
  })

  for (const [args, pattern] of [
    [['--fly'], /--fly/],
    [['--address', 'here'], /--address takes an IPv4 address/],
    [['--enrol', 'soon'], /--enrol takes minutes/],
    [['--address', '192.0.2.1'], /192\.0\.2\.1 is not an address of this machine/],
  ] as const)
    test(`up ${args.join(' ')}: exit 1 and one sentence`, async (context) => {
      const state = await temporary(context)
      const run = await runUp(['--no-cluster', '--state', state, ...args])
      assert.equal(run.exitCode, 1)
      assert.match(run.stderr.trim().split('\n').at(-1)!, pattern)
      assert.ok(!/\n\s+at /.test(run.stderr), `a stack: ${run.stderr}`)
      await nothingLeft(state)
    })

  test('--help prints the usage and starts nothing', async (context) => {
    const state = await temporary(context)
    const run = await runUp(['--help', '--state', state])
    assert.equal(run.exitCode, 0)
    assert.match(run.stdout, /npm run up/)
  })
}

function runningTests(): void {
  let state: string
  let appliance: Appliance

  before(async () => {
    state = await newState()
    appliance = await Appliance.start(['--no-cluster', '--state', state])
  })
  after(async () => {
    assert.equal(await appliance.stop(), 0)
    await nothingLeft(state)
    await rm(state, { recursive: true, force: true })
  })

  test('it prints one line of JSON with the six fields, and its addresses answer', async () => {
    assert.deepEqual(Object.keys(appliance.line).sort(), FIELDS)
    assert.equal(appliance.line.state, state)
    const page = await fetch(appliance.line.missionControl)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /<html/i)
    assert.equal((await fetch(`${appliance.line.provisioningApi}/health`)).status, 200)
  })

  test('the key works at /api/me, another one is refused, and so is none', async () => {
    const me = await appliance.get<{ scopes: string[] }>('/api/me')
    assert.ok(me.scopes.includes('operate'))
    const ask = (headers: Record<string, string>) =>
      fetch(`${appliance.line.agentApp}/api/me`, { headers }).then((answer) => answer.status)
    assert.equal(await ask({ authorization: `Bearer ${'0'.repeat(64)}` }), 401)
    assert.equal(await ask({}), 401)
  })

  test('the key is in a file that only its owner reads', async () => {
    const file = stateFiles(state).apiKey
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal((await readFile(file, 'utf8')).trim(), appliance.line.apiKey)
    for (const { command } of await processesNaming(appliance.line.apiKey))
      assert.ok(!command.includes(appliance.line.apiKey), command)
  })

  test('the embedded expert answers over the OpenAI door', async () => {
    // The page answers before the model is loaded; until then /health says 503.
    await until('health', async () => (await fetch(`${appliance.line.agentApp}/health`)).ok, 20)
    const { status, body } = await appliance.post<{ model: string }>('/v1/chat/completions', {
      model: 'auto',
      messages: [{ role: 'user', content: 'hello' }],
      max_tokens: 8,
    })
    assert.equal(status, 200)
    assert.equal(body.model, 'embedded')
  })

  test('a second up on the same state prints the same line and changes nothing', async () => {
    const files = ['provisioning-api', 'agent-app'].map((name) => stateFiles(state).pid(name))
    files.push(stateFiles(state).apiKey, path.join(stateFiles(state).run, 'up.json'))
    const look = () => Promise.all(files.map(async (file) => (await stat(file)).mtimeMs))
    const before = await look()
    const run = await runUp(['--no-cluster', '--json', '--state', state])
    assert.equal(run.exitCode, 0)
    assert.deepEqual(JSON.parse(run.stdout), appliance.line)
    assert.deepEqual(await look(), before)
    await appliance.get('/api/me')
  })

  test('a server that dies comes back', async () => {
    const pidFile = stateFiles(state).pid('agent-app')
    const first = Number(await readFile(pidFile, 'utf8'))
    process.kill(first, 'SIGKILL')
    await until(
      'another agent app answers',
      async () => {
        const pid = Number(await readFile(pidFile, 'utf8'))
        return pid !== first && (await appliance.get('/api/me').then(() => true))
      },
      30,
    )
  })
}
