import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { rootCertificates } from 'node:tls'
import type { Expert } from '@muster/agent-app/contract/expert.ts'
import { stateFiles } from '@muster/base/state.ts'
import { type ApiError, consulApi, nomadApi } from '@muster/cluster/api-client.ts'
import { nomadEnvironment } from '@muster/cluster/expert-job.ts'
import { clusterFiles } from '@muster/cluster/layout.ts'
import { readSettings } from '@muster/cluster/settings.ts'
import { presentBinary, skipWithout } from '@muster/cluster/test-binary.ts'
import { execa } from 'execa'
import OpenAI from 'openai'
import { Appliance } from '../lab/appliance.ts'
import { until } from '../lab/until.ts'
import { insideOwnNetwork, noNetworkReason, othersInNetwork } from './own-network.ts'
import { processes, processesNaming } from './processes.ts'
import { runUp } from './run-up.ts'
import { clusterSecrets } from './secrets.ts'

const EXPERT = 'general@appliance'
const skip =
  noNetworkReason() ||
  skipWithout('consul', await presentBinary('consul')) ||
  skipWithout('nomad', await presentBinary('nomad'))

if (skip) test('up with a cluster', { skip })
else if (await insideOwnNetwork(import.meta.filename))
  describe('up with a cluster', () => clusterTests())

function clusterTests(): void {
  let state: string
  let appliance: Appliance
  let said: string[] = []

  const start = async (): Promise<void> => {
    said = []
    appliance = await Appliance.start(['--state', state], { onSay: (line) => said.push(line) })
    await appliance.cluster().catch((error: Error) => {
      throw new Error(`${error.message}\n${said.join('\n')}`)
    })
  }
  const ask = async (model: string) => {
    const client = new OpenAI({
      baseURL: appliance.line.openai,
      apiKey: appliance.line.apiKey,
      maxRetries: 0,
    })
    const { data, response } = await client.chat.completions
      .create({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 8 })
      .withResponse()
    const text = data.choices[0]?.message.content ?? ''
    return { expert: data.model, reason: response.headers.get('x-route-reason') ?? '', text }
  }
  const expertIsHealthy = async () =>
    (await appliance.get<Expert[]>('/api/experts')).some(
      ({ id, healthy }) => id === EXPERT && healthy,
    )

  before(async () => {
    state = await mkdtemp(path.join(tmpdir(), 'muster-cluster-'))
    await start()
  })
  after(async () => {
    await appliance?.stop()
    await until('every process ended', async () => (await othersInNetwork()).length === 0, 30)
    await rm(state, { recursive: true, force: true })
  })

  test('the official OpenAI client is answered by the expert of the cluster', async () => {
    await until(`${EXPERT} in the directory`, expertIsHealthy, 10)
    const answer = await ask('general')
    assert.equal(answer.expert, EXPERT)
    assert.notEqual(answer.text, '')
  })

  test('a second up prints both lines and exits 0', async () => {
    const run = await runUp(['--json', '--state', state])
    assert.equal(run.exitCode, 0)
    const [line = '', cluster = ''] = run.stdout.split('\n')
    assert.deepEqual(JSON.parse(line), appliance.line)
    assert.deepEqual(JSON.parse(cluster), { cluster: true })
  })

  test('Nomad refuses who has no token, and who has no TLS', async () => {
    const ca = await readFile(clusterFiles(state).nomad.ca, 'utf8')
    const anonymous = nomadApi({ address: '127.0.0.1', ca })
    for (const route of ['/v1/jobs', '/v1/nodes', '/v1/var/nomad/jobs', '/v1/agent/self'])
      await assert.rejects(anonymous.get(route), (error: ApiError) => error.status === 403, route)
    assert.deepEqual(await anonymous.get('/v1/vars'), [], 'a list without what may not be read')
    assert.equal((await fetch('http://127.0.0.1:4646/v1/jobs')).status, 400)
    await assert.rejects(
      nomadApi({ address: '127.0.0.1', ca: rootCertificates[0]! }).get('/v1/jobs'),
    )
  })

  test('Consul refuses who has no token', async () => {
    const anonymous = consulApi()
    for (const route of ['/v1/kv/a', '/v1/acl/tokens', '/v1/agent/self'])
      await assert.rejects(anonymous.get(route), (error: ApiError) => error.status === 403, route)
    const register = anonymous.put('/v1/agent/service/register', { Name: 'llama-api-evil' })
    await assert.rejects(register, (error: ApiError) => error.status === 403)
  })

  test('no secret is in a command line or in a log', async () => {
    const secrets = await clusterSecrets(state)
    secrets.push({ file: 'api-key', secret: appliance.line.apiKey })
    assert.ok(secrets.length >= 12, `only ${secrets.length} secrets were found`)
    const folder = path.dirname(stateFiles(state).log('x'))
    const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'))
    assert.ok(logs.length >= 5, `only the logs ${logs}`)
    const commands = (await processes()).map(({ command }) => command)
    const texts = await Promise.all(logs.map((name) => readFile(path.join(folder, name), 'utf8')))
    for (const { file, secret } of secrets) {
      for (const command of commands) assert.ok(!command.includes(secret), `${file}: ${command}`)
      for (const [index, text] of texts.entries())
        assert.ok(!text.includes(secret), `${file} is in ${logs[index]}`)
    }
  })

  test('chat goes on while Consul is dead, and Consul comes back', async () => {
    const pidFile = stateFiles(state).pid('consul')
    const pid = Number(await readFile(pidFile, 'utf8'))
    process.kill(pid, 'SIGKILL')
    const during = await ask('auto')
    assert.ok([EXPERT, 'embedded'].includes(during.expert), during.expert)
    await until('a new Consul', async () => {
      await ask('auto')
      const again = Number(await readFile(pidFile, 'utf8'))
      return again !== pid && /:/.test(await consulApi().get<string>('/v1/status/leader'))
    })
    await until(`${EXPERT} answers`, async () => (await ask('auto')).expert === EXPERT)
  })

  test('with its job stopped by Nomad the fallback answers and says why', async () => {
    const settings = await readSettings(state)
    const env = await nomadEnvironment({ state, settings })
    const job = 'expert-general-appliance'
    const stop = ['job', 'stop', '-detach', job]
    await execa(settings.nomadBinary, stop, { env, extendEnv: false })
    const answer = await until('the fallback answers', async () => {
      const each = await ask('auto')
      return each.expert === 'embedded' && each
    })
    assert.match(
      answer.reason,
      /embedded expert answers because no expert of the cluster is healthy/,
    )
    assert.equal(await expertIsHealthy(), false)
  })

  test('Ctrl-C ends everything; the second start keeps the key and has the expert', async () => {
    const { apiKey } = appliance.line
    assert.equal(await appliance.stop(), 0)
    await until('every process ended', async () => (await othersInNetwork()).length === 0, 20)
    assert.deepEqual(await processesNaming(state), [])
    await start()
    assert.equal(appliance.line.apiKey, apiKey)
    await until(`${EXPERT} in the directory`, expertIsHealthy, 10)
    assert.equal((await ask('general')).expert, EXPERT)
  })

  test('after a kill -9 of up the agents end, and the next start has the same cluster', async () => {
    const before = await agentPids(state)
    const { pid } = JSON.parse(await readFile(path.join(stateFiles(state).run, 'up.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    await until('the agents end', async () => (await alive(before)).length === 0, 30)
    const { apiKey } = appliance.line
    await start()
    assert.equal(appliance.line.apiKey, apiKey)
    await until(`${EXPERT} answers`, async () => (await ask('auto')).expert === EXPERT, 30)
  })
}

const AGENTS = ['consul', 'nomad', 'nomad-client', 'provisioning-api', 'agent-app']

const agentPids = (state: string): Promise<number[]> =>
  Promise.all(
    AGENTS.map(async (name) => Number(await readFile(stateFiles(state).pid(name), 'utf8'))),
  )

const alive = async (pids: readonly number[]): Promise<number[]> =>
  (await processes()).map(({ pid }) => pid).filter((pid) => pids.includes(pid))
