import { randomUUID } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { consulApi } from './api-client.ts'
import { readManifest } from './artifact-store.ts'
import { issue } from './certificates.ts'
import * as consulAcl from './consul-acl.ts'
import { eventually } from './eventually.ts'
import { runExpert } from './expert-job.ts'
import { ClusterSettings, clusterFiles } from './layout.ts'
import { introduceNode } from './nomad-acl.ts'
import { nomadAs, waitForNode } from './nomad-agent.ts'
import type { ClusterMachine, ClusterPort } from './port.ts'
import { secretFile } from './secret-file.ts'

/** How long a machine's run waits for an appliance that is still building its cluster. */
const PATIENCE_MS = 30 * 60_000
/** Where machines keep llama.cpp and the models; the roles use the same. */
const MACHINE_ROOT = '/opt/muster'

/**
 * The cluster of the appliance whose state folder this is, as provisioning uses it. Opens nothing yet.
 * @param answerMs how long Consul and Nomad may take to answer
 */
export function openCluster({
  state,
  answerMs = 30_000,
}: {
  state: string
  answerMs?: number
}): ClusterPort {
  return {
    waitReady: (work) => waitReady(state, { ...work, answerMs }),
    playVariables: (machine) => playVariables(state, machine),
    waitJoined: (machine, work) => waitJoined(state, machine, work),
    async deployExpert(machine, work) {
      // Every machine has root over SSH, whatever the appliance runs as.
      const settings = { ...(await readSettings(state)), exec: true }
      await runExpert({ state, settings }, machine.name, work)
    },
  }
}

export async function readSettings(state: string): Promise<ClusterSettings> {
  return ClusterSettings.parse(JSON.parse(await readFile(clusterFiles(state).settings, 'utf8')))
}

type Work = { log: (line: string) => void; signal: AbortSignal }

async function waitReady(
  state: string,
  { log, signal, answerMs }: Work & { answerMs: number },
): Promise<void> {
  const { ready } = clusterFiles(state)
  const deadline = Date.now() + PATIENCE_MS
  for (let said = false; !(await isThere(ready)); said = true) {
    if (Date.now() > deadline)
      throw new Error('the appliance has no cluster: run `npm run up` there and read its progress')
    if (!said) log('waiting for the cluster of the appliance to start')
    await sleep(500, undefined, { signal })
  }
  const settings = await readSettings(state)
  const consul = consulApi()
  const nomad = await nomadAs({ state, settings })
  const hasLeader = (api: typeof consul) => async () =>
    /:/.test(await api.get<string>('/v1/status/leader'))
  await eventually(hasLeader(consul), {
    signal,
    timeoutMs: answerMs,
    what: 'Consul answering on the appliance (is it running?)',
  })
  await eventually(hasLeader(nomad), {
    signal,
    timeoutMs: answerMs,
    what: 'Nomad answering on the appliance (is it running?)',
  })
}

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

async function playVariables(
  state: string,
  machine: ClusterMachine,
): Promise<Record<string, unknown>> {
  const settings = await readSettings(state)
  const files = clusterFiles(state)
  const manifest = await readManifest(state)
  const url = (file: string) => `${settings.artifactsUrl}/${file}`
  const download = (artifact: { file: string; version: string; sha256: string }) => ({
    ...artifact,
    url: url(artifact.file),
  })
  return {
    muster_consul_artifact: download(manifest.consul),
    muster_nomad_artifact: download(manifest.nomad),
    muster_llama_artifact: download(manifest.llama),
    muster_models: manifest.models.map((model) => ({
      ...download(model),
      name: path.basename(model.file),
    })),
    ...(await consulVariables(state, settings, machine)),
    ...(await nomadVariables(state, settings, machine)),
    nomad_llama_root: `${MACHINE_ROOT}/llama/${manifest.llama.version}`,
    nomad_host_volumes: [{ name: 'models', path: `${MACHINE_ROOT}/models`, read_only: true }],
    consul_gossip_key: (await readFile(files.consul.gossip, 'utf8')).trim(),
  }
}

async function consulVariables(state: string, settings: ClusterSettings, machine: ClusterMachine) {
  const files = clusterFiles(state)
  const maker = consulApi((await readFile(files.tokens.tokenMaker, 'utf8')).trim())
  const agentToken = await secretFile(
    path.join(files.folder, 'tokens/machines', `${machine.name}-consul-agent`),
    randomUUID,
  )
  await consulAcl.ensureToken(maker, agentToken, {
    description: `agent ${machine.name}`,
    node: { name: machine.name, datacenter: settings.datacenter },
  })
  const certificate = await machineCertificate(state, settings, machine, 'consul')
  return {
    consul_node_name: machine.name,
    // Name and id stay together through reinstalls, else Consul takes the machine for an impostor.
    consul_node_id: await secretFile(path.join(files.nodeIds, machine.name), randomUUID),
    consul_datacenter: settings.datacenter,
    consul_address: machine.address,
    consul_servers: [settings.address],
    consul_server: false,
    consul_agent_token: agentToken,
    consul_ca: certificate.ca,
    consul_cert: certificate.cert,
    consul_key: certificate.key,
  }
}

async function nomadVariables(state: string, settings: ClusterSettings, machine: ClusterMachine) {
  const files = clusterFiles(state)
  const maker = consulApi((await readFile(files.tokens.tokenMaker, 'utf8')).trim())
  const consulToken = await secretFile(
    path.join(files.folder, 'tokens/machines', `${machine.name}-nomad-client`),
    randomUUID,
  )
  await consulAcl.ensureToken(maker, consulToken, {
    description: `nomad client ${machine.name}`,
    policies: ['nomad-client'],
  })
  const provisioner = await nomadAs({ state, settings }, files.tokens.provisioner)
  const certificate = await machineCertificate(state, settings, machine, 'nomad')
  return {
    nomad_node_name: machine.name,
    nomad_datacenter: settings.datacenter,
    nomad_address: machine.address,
    nomad_http_port: 4646,
    nomad_servers: [`${settings.address}:4647`],
    nomad_server: false,
    nomad_client: true,
    nomad_exec: true,
    nomad_consul_token: consulToken,
    nomad_introduction: await introduceNode(provisioner, machine.name),
    nomad_ca: certificate.ca,
    nomad_cert: certificate.cert,
    nomad_key: certificate.key,
  }
}

/** A machine keeps its certificate between runs, so that a second run changes nothing. */
async function machineCertificate(
  state: string,
  settings: ClusterSettings,
  machine: ClusterMachine,
  name: 'consul' | 'nomad',
) {
  const files = clusterFiles(state)
  const binary = name === 'consul' ? settings.consulBinary : settings.nomadBinary
  const file = path.join(files.folder, 'machines', `${machine.name}-${name}.json`)
  const text = await secretFile(file, async () =>
    JSON.stringify(await issue({ binary, name, ...files[name] }, 'client')),
  )
  return JSON.parse(text) as { ca: string; cert: string; key: string }
}

async function waitJoined(
  state: string,
  machine: ClusterMachine,
  { log, signal }: Work,
): Promise<void> {
  const settings = await readSettings(state)
  const consul = consulApi((await readFile(clusterFiles(state).tokens.agentApp, 'utf8')).trim())
  log('waiting for the Consul member')
  await eventually(
    async () => {
      const checks = await consul.get<{ CheckID: string; Status: string }[]>(
        `/v1/health/node/${machine.name}`,
      )
      return checks.some((check) => check.CheckID === 'serfHealth' && check.Status === 'passing')
    },
    { signal, timeoutMs: 60_000, what: `Consul member ${machine.name} healthy` },
  )
  log('waiting for the Nomad node')
  await waitForNode({ state, settings }, machine.name, { signal })
}
