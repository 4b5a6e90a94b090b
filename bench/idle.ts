import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stateFiles } from '@muster/base/state.ts'
import { Appliance } from '@muster/test/lab/appliance.ts'
import { until } from '@muster/test/lab/until.ts'
import type { Benchmark, Measured } from './figure.ts'
import { firstToken } from './first-token.ts'
import { type Memory, memoryOf } from './memory.ts'

const IDLE_MS = 10_000
const GOAL = '<= 250'

/** Memory of the two servers, ten seconds idle, and that of a bare server on the same Node as the floor. */
export const idle: Benchmark = async (say) => {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-bench-'))
  const appliance = await Appliance.start(['--no-cluster', '--state', state])
  try {
    const agent = await pidOf(state, 'agent-app')
    await until('health', async () => (await fetch(`${appliance.line.agentApp}/health`)).ok)
    say('idle for 10 s')
    await sleep(IDLE_MS)
    const provisioning = await memoryOf(await pidOf(state, 'provisioning-api'))
    const before = await memoryOf(agent)
    await firstToken(appliance.line, 'auto')
    say('idle for 10 s after an answer')
    await sleep(IDLE_MS)
    const used = await memoryOf(agent)
    const bare = await bareServer()
    return [
      ...figures('provisioning API', provisioning),
      ...figures('agent app, embedded expert not used yet', before),
      ...figures('agent app, after an answer of the embedded expert', used),
      ...figures('a bare fastify server', bare).map(({ goal: _, ...rest }) => rest),
      ratio('provisioning API', provisioning, bare),
      ratio('agent app after an answer', used, bare),
    ]
  } finally {
    await appliance.stop()
    await rm(state, { recursive: true, force: true })
  }
}

const pidOf = async (state: string, name: string): Promise<number> =>
  Number(await readFile(stateFiles(state).pid(name), 'utf8'))

const figures = (name: string, { rss, pss }: Memory): Measured[] => [
  { name: `${name}: RSS`, value: rss, unit: 'MB', goal: GOAL },
  { name: `${name}: PSS`, value: pss, unit: 'MB' },
]

const ratio = (name: string, memory: Memory, bare: Memory): Measured => ({
  name: `${name}: RSS over that of the bare server`,
  value: memory.rss / bare.rss,
  unit: 'x',
})

const BARE = `
  import fastify from 'fastify'
  const app = fastify()
  app.get('/', async () => ({}))
  await app.listen({ port: 0, host: '127.0.0.1' })
  console.log('listening')`

async function bareServer(): Promise<Memory> {
  const server = spawn(process.execPath, ['--input-type=module', '-e', BARE], {
    cwd: path.join(import.meta.dirname, '../test'),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { NODE_ENV: 'production' },
  })
  try {
    await once(server.stdout, 'data')
    await sleep(IDLE_MS)
    return await memoryOf(server.pid!)
  } finally {
    server.kill('SIGKILL')
  }
}
