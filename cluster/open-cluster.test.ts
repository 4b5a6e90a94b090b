import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { clusterFiles } from './layout.ts'
import { openCluster } from './open-cluster.ts'

const SETTINGS = {
  address: '127.0.0.1',
  interface: 'lo',
  artifactsUrl: 'http://127.0.0.1:8001/artifacts',
  consulBinary: '/nowhere/consul',
  nomadBinary: '/nowhere/nomad',
  llamaRoot: '/nowhere/llama',
  exec: true,
  expert: { name: 'general', model: 'm.gguf', quantisation: 'Q8_0', context: 4096, memory: 256 },
}

async function appliance(context: TestContext, { ready }: { ready: boolean }): Promise<string> {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-cluster-'))
  context.after(() => rm(state, { recursive: true, force: true }))
  const files = clusterFiles(state)
  await mkdir(path.dirname(files.nomad.ca), { recursive: true })
  await writeFile(files.settings, JSON.stringify(SETTINGS))
  await writeFile(files.nomad.ca, '')
  if (ready) await writeFile(files.ready, '')
  return state
}

const work = (log: (line: string) => void = () => {}) => ({
  log,
  signal: AbortSignal.timeout(20_000),
})

test('a cluster that is still starting is waited for, and said so once', async (context) => {
  const state = await appliance(context, { ready: false })
  const lines: string[] = []
  const abort = new AbortController()
  const waiting = openCluster({ state }).waitReady({
    log: (line) => {
      lines.push(line)
      abort.abort()
    },
    signal: abort.signal,
  })
  await assert.rejects(waiting, { name: 'AbortError' })
  assert.deepEqual(lines, ['waiting for the cluster of the appliance to start'])
})

test('Consul away: the run fails with a sentence that names Consul', async (context) => {
  const state = await appliance(context, { ready: true })
  const waiting = openCluster({ state, answerMs: 300 }).waitReady(work())
  await assert.rejects(waiting, /Consul answering on the appliance \(is it running\?\)/)
})

test('Nomad away while Consul answers: the run fails with a sentence that names Nomad', async (context) => {
  const state = await appliance(context, { ready: true })
  // Consul's fixed port on loopback: free unless a cluster runs here.
  const consul = createServer((_, reply) => reply.end('"127.0.0.1:8300"'))
  const listening = await new Promise<boolean>((resolve) => {
    consul.once('error', () => resolve(false))
    consul.listen(8500, '127.0.0.1', () => resolve(true))
  })
  context.after(() => consul.close())
  if (!listening) return context.skip('port 8500 on loopback is taken by a running cluster')
  const waiting = openCluster({ state, answerMs: 300 }).waitReady(work())
  await assert.rejects(waiting, /Nomad answering on the appliance \(is it running\?\)/)
})
