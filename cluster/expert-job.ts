import path from 'node:path'
import { execa } from 'execa'
import { consulApi } from './api-client.ts'
import { eventually } from './eventually.ts'
import { clusterFiles, type Place } from './layout.ts'
import { nomadAs } from './nomad-agent.ts'
import { findNode, nodeDetail } from './nomad-nodes.ts'
import { readSecret } from './secret-file.ts'

const JOBS = path.join(import.meta.dirname, '../jobs')

type Work = { log: (line: string) => void; signal: AbortSignal; timeoutMs?: number }

/** Runs the RPC worker and the expert on one node with the real `nomad job run`, and waits until Consul shows the expert passing. */
export async function runExpert(
  place: Place,
  node: string,
  { log, signal, timeoutMs = 120_000 }: Work,
): Promise<void> {
  const { name, model, quantisation, context, memory } = place.settings.expert
  const shared = { name, node, memory, ...driverVariables(place) }
  const cores = reservedCores(await coresOf(place, node))
  await runJob(place, 'llamacpp-rpc.nomad.hcl', { ...shared, cores }, signal)
  log(`RPC worker rpc-${name}-${node} submitted`)
  const more = { model, quantisation, context, models_folder: modelsFolder(place) }
  await runJob(place, 'expert.nomad.hcl', { ...shared, ...more }, signal)
  log(`expert expert-${name}-${node} submitted`)
  await waitForExpert(place, node, { log, signal, timeoutMs })
}

/** One core stays for the agents and llama-server itself; a machine that has only one shares it. */
const reservedCores = (cores: number): number => cores - 1

async function coresOf(place: Place, name: string): Promise<number> {
  const nomad = await nomadAs(place, clusterFiles(place.state).tokens.provisioner)
  const node = await findNode(nomad, name)
  if (node?.Status !== 'ready')
    throw new Error(`Nomad node ${name} is not ready: look at its log, then run again`)
  const { Attributes } = await nodeDetail(nomad, node)
  return Number(Attributes['cpu.numcores'] ?? 1)
}

/** Under exec the task's root is llama.cpp's folder; without isolation the task sees the host's paths. */
const driverVariables = ({ settings }: Place): Record<string, string> =>
  settings.exec ? { driver: 'exec' } : { driver: 'raw_exec', llama_root: settings.llamaRoot }

const modelsFolder = ({ state, settings }: Place): string =>
  settings.exec ? '/models' : path.join(state, 'artifacts/models')

/** The environment of Nomad's command line, acting as the provisioner; the token stays out of its arguments. */
export async function nomadEnvironment({
  state,
  settings,
}: Place): Promise<Record<string, string>> {
  const files = clusterFiles(state)
  return {
    PATH: process.env.PATH ?? '',
    NOMAD_ADDR: `https://${settings.address}:4646`,
    NOMAD_CACERT: files.nomad.ca,
    NOMAD_TOKEN: await readSecret(files.tokens.provisioner),
    NOMAD_CLI_SHOW_HINTS: 'false',
  }
}

async function runJob(
  place: Place,
  file: string,
  variables: Record<string, string | number>,
  signal: AbortSignal,
): Promise<void> {
  const flags = Object.entries(variables).flatMap(([name, value]) => ['-var', `${name}=${value}`])
  // Without -detach the command waits for the deployment, ten minutes when the job is not healthy.
  const run = await execa(
    place.settings.nomadBinary,
    ['job', 'run', '-detach', ...flags, path.join(JOBS, file)],
    {
      env: await nomadEnvironment(place),
      extendEnv: false,
      reject: false,
      all: true,
      cancelSignal: signal,
    },
  )
  if (run.exitCode !== 0)
    throw new Error(`nomad job run ${file} failed: ${run.all ?? run.shortMessage}`)
}

type HealthEntry = { Node: { Node: string }; Service: { Meta?: Record<string, string> } }

async function waitForExpert(
  { state, settings }: Place,
  node: string,
  { signal, timeoutMs }: Work,
): Promise<void> {
  const consul = consulApi(await readSecret(clusterFiles(state).tokens.agentApp))
  const service = `llama-api-${settings.expert.name}`
  await eventually(
    async () => {
      const passing = await consul.get<HealthEntry[]>(`/v1/health/service/${service}?passing=1`)
      return passing.some((entry) => entry.Node.Node === node)
    },
    {
      signal,
      timeoutMs: timeoutMs ?? 120_000,
      what: `expert ${settings.expert.name} on ${node} passing in Consul`,
    },
  )
}
