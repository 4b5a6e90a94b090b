import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { newKey } from '@muster/base/api-keys.ts'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { nomadConfig } from './agent-config.ts'
import { type ApiClient, nomadApi } from './api-client.ts'
import { ensureAuthority, issue } from './certificates.ts'
import { ensureServerCertificate } from './consul-agent.ts'
import { eventually } from './eventually.ts'
import { type ClusterSettings, clusterFiles } from './layout.ts'
import * as acl from './nomad-acl.ts'
import { readIfThere, secretFile } from './secret-file.ts'

type Place = { state: string; settings: ClusterSettings }

/**
 * Writes everything Nomad on the appliance needs before it starts. Can be repeated.
 * @param client whether the appliance also runs tasks; its client can only be introduced by a running server
 */
export async function prepareNomadServer(
  { state, settings }: Place,
  client: boolean,
): Promise<void> {
  const files = clusterFiles(state)
  const authority = { binary: settings.nomadBinary, name: 'nomad' as const, ...files.nomad }
  await ensureAuthority(authority)
  const gossip = await secretFile(files.nomad.gossip, async () => {
    return (await execa(settings.nomadBinary, ['operator', 'gossip', 'keyring', 'generate'])).stdout
  })
  await ensureServerCertificate(files.agents.nomad, settings.address, () =>
    issue(authority, { server: [settings.address] }),
  )
  const config = await nomadConfig({
    nomad_node_name: settings.node,
    nomad_datacenter: settings.datacenter,
    nomad_data_dir: files.data.nomad,
    nomad_config_dir: files.agents.nomad,
    nomad_address: settings.address,
    nomad_interface: settings.interface,
    nomad_servers: [`${settings.address}:4647`],
    nomad_server: true,
    nomad_client: client,
    nomad_gossip_key: gossip,
    nomad_consul_token: await readFile(files.tokens.nomadServer, 'utf8').then((text) =>
      text.trim(),
    ),
    nomad_exec: settings.exec,
    nomad_llama_root: settings.llamaRoot,
    nomad_host_volumes: [
      { name: 'models', path: path.join(state, 'artifacts', 'models'), read_only: true },
    ],
  })
  await replaceFile(path.join(files.agents.nomad, 'agent.json'), config)
}

/** Nomad's API on the appliance with the token in a file, or anonymous. */
export async function nomadAs({ state, settings }: Place, tokenFile?: string): Promise<ApiClient> {
  const ca = await readFile(clusterFiles(state).nomad.ca, 'utf8')
  const token = tokenFile ? await readIfThere(tokenFile) : undefined
  return nomadApi({ address: settings.address, ca, ...(token ? { token } : {}) })
}

/** Waits for the leader, then makes ACLs, the provisioner's token and the experts' key. Can be repeated. */
export async function bootstrapNomad(place: Place, signal: AbortSignal): Promise<void> {
  const files = clusterFiles(place.state)
  const secret = await secretFile(files.nomad.secret, randomUUID)
  const anonymous = await nomadAs(place)
  const owner = await nomadAs(place, files.nomad.secret)
  await eventually(async () => /:/.test(await anonymous.get<string>('/v1/status/leader')), {
    signal,
    what: 'a Nomad leader',
  })
  await eventually(() => acl.bootstrapAcl(anonymous, owner, secret).then(() => true), {
    signal,
    timeoutMs: 20_000,
    what: 'the bootstrap of the ACLs of Nomad',
  })
  await acl.ensureProvisionerPolicy(owner)
  await secretFile(files.tokens.provisioner, () => acl.makeProvisionerToken(owner))
  await acl.storeExpertKey(owner, await secretFile(files.expertKey, newKey))
}

/** Whether the appliance's own client was introduced before: its identity is then in its data folder. */
export async function clientIsKnown({ state }: Place): Promise<boolean> {
  return (
    (await readIfThere(path.join(clusterFiles(state).data.nomad, 'client', 'client-id'))) !==
    undefined
  )
}

/** Puts the introduction of the appliance's own client where Nomad looks for it at its next start. */
export async function introduceAppliance(place: Place): Promise<void> {
  const files = clusterFiles(place.state)
  const owner = await nomadAs(place, files.nomad.secret)
  const folder = await privateFolder(path.join(files.data.nomad, 'client'))
  await replaceFile(
    path.join(folder, 'intro_token.jwt'),
    await acl.introduceNode(owner, place.settings.node),
  )
}

/** Resolves once the node is ready and eligible, with its driver and its Consul in sight. */
export async function waitForNode(
  place: Place,
  name: string,
  { signal, timeoutMs = 60_000 }: { signal: AbortSignal; timeoutMs?: number },
): Promise<void> {
  const owner = await nomadAs(place, clusterFiles(place.state).tokens.provisioner)
  await eventually(() => nodeIsReady(owner, name), {
    signal,
    timeoutMs,
    everyMs: 200,
    what: `Nomad node ${name} ready with Consul and a task driver`,
  })
  await rm(path.join(clusterFiles(place.state).data.nomad, 'client', 'intro_token.jwt'), {
    force: true,
  })
}

type NodeStub = { ID: string; Name: string; Status: string; SchedulingEligibility: string }
type NodeDetail = {
  Attributes: Record<string, string>
  Drivers: Record<string, { Healthy: boolean }>
}

async function nodeIsReady(nomad: ApiClient, name: string): Promise<boolean> {
  const nodes = await nomad.get<NodeStub[]>('/v1/nodes')
  const node = nodes.find(
    (stub) =>
      stub.Name === name && stub.Status === 'ready' && stub.SchedulingEligibility === 'eligible',
  )
  if (!node) return false
  const detail = await nomad.get<NodeDetail>(`/v1/node/${node.ID}`)
  // Without Consul's fingerprint no job with a Consul service is placed there.
  const driver = detail.Drivers.exec?.Healthy || detail.Drivers.raw_exec?.Healthy
  if (!detail.Attributes['consul.version'])
    throw new Error(`node ${name} does not see its Consul yet`)
  if (!driver) throw new Error(`node ${name} has no healthy task driver`)
  return true
}
