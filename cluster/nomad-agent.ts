import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { digestOf, newKey } from '@muster/base/api-keys.ts'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { nomadConfig } from './agent-config.ts'
import { type ApiClient, nomadApi } from './api-client.ts'
import { ensureAuthority, ensureCertificate, issue } from './certificates.ts'
import { eventually } from './eventually.ts'
import { clusterFiles, type Place } from './layout.ts'
import * as acl from './nomad-acl.ts'
import { findNode, nodeDetail } from './nomad-nodes.ts'
import { readIfThere, readSecret, secretFile } from './secret-file.ts'

const CHECKOUT = path.join(import.meta.dirname, '..')
/** HTTP port of the appliance's client, beside the server's 4646. */
const CLIENT_PORT = 4656

/** Writes everything Nomad's server on the appliance needs before it starts. Can be repeated. */
export async function prepareNomadServer(place: Place): Promise<void> {
  const files = clusterFiles(place.state)
  const authority = { binary: place.settings.nomadBinary, name: 'nomad' as const, ...files.nomad }
  const { address } = place.settings
  await ensureAuthority(authority)
  await ensureCertificate(files.agents.nomad, address, () =>
    issue(authority, { server: [address] }),
  )
  await writeConfig(place, { nomad_server: true, nomad_http_port: 4646 })
}

/**
 * Writes everything the appliance's own client needs, its introduction included. The client is a process of its
 * own: in one process with the server it would register before the server can check an introduction.
 */
export async function prepareNomadClient(place: Place): Promise<void> {
  const files = clusterFiles(place.state)
  const authority = { binary: place.settings.nomadBinary, name: 'nomad' as const, ...files.nomad }
  // A client's certificate names loopback only: nobody connects to a client.
  await ensureCertificate(files.agents.nomadClient, '127.0.0.1', () => issue(authority, 'client'))
  await writeConfig(place, { nomad_server: false, nomad_http_port: CLIENT_PORT })
  const folder = await privateFolder(path.join(files.data.nomadClient, 'client'))
  const provisioner = await nomadAs(place, files.tokens.provisioner)
  await replaceFile(
    path.join(folder, 'intro_token.jwt'),
    await acl.introduceNode(provisioner, place.settings.node),
  )
}

type Role = { nomad_server: boolean; nomad_http_port: number }

async function writeConfig({ state, settings }: Place, role: Role): Promise<void> {
  const files = clusterFiles(state)
  const name = role.nomad_server ? ('nomad' as const) : ('nomadClient' as const)
  const config = await nomadConfig({
    ...role,
    nomad_client: !role.nomad_server,
    nomad_node_name: settings.node,
    nomad_datacenter: settings.datacenter,
    nomad_data_dir: files.data[name],
    nomad_config_dir: files.agents[name],
    nomad_address: settings.address,
    nomad_interface: settings.interface,
    nomad_servers: [`${settings.address}:4647`],
    nomad_gossip_key: role.nomad_server ? await gossipKey({ state, settings }) : '',
    nomad_consul_token: await readSecret(files.tokens.nomadServer),
    nomad_exec: settings.exec,
    nomad_llama_root: settings.llamaRoot,
    nomad_host_volumes: [
      // The agent app as a job runs from this checkout.
      { name: 'muster', path: CHECKOUT, read_only: true },
      { name: 'models', path: path.join(stateFiles(state).artifacts, 'models'), read_only: true },
    ],
  })
  await replaceFile(path.join(files.agents[name], 'agent.json'), config)
}

const gossipKey = ({ state, settings }: Place): Promise<string> =>
  secretFile(clusterFiles(state).nomad.gossip, async () => {
    return (await execa(settings.nomadBinary, ['operator', 'gossip', 'keyring', 'generate'])).stdout
  })

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
  const expertKey = await secretFile(files.expertKey, newKey)
  // A leader signs and encrypts only once its keyring exists, a moment after its election.
  await eventually(() => acl.storeExpertKey(owner, expertKey).then(() => true), {
    signal,
    timeoutMs: 20_000,
    what: 'the keyring of Nomad',
  })
  const operatorKey = await readIfThere(stateFiles(place.state).apiKey)
  if (operatorKey) await acl.storeAgentKeys(owner, `${digestOf(operatorKey)}:operator`)
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
  await rm(path.join(clusterFiles(place.state).data.nomadClient, 'client', 'intro_token.jwt'), {
    force: true,
  })
}

async function nodeIsReady(nomad: ApiClient, name: string): Promise<boolean> {
  const node = await findNode(nomad, name)
  if (node?.Status !== 'ready' || node.SchedulingEligibility !== 'eligible') return false
  const detail = await nodeDetail(nomad, node)
  // Without Consul's fingerprint no job with a Consul service is placed there.
  const driver = detail.Drivers.exec?.Healthy || detail.Drivers.raw_exec?.Healthy
  if (!detail.Attributes['consul.version'])
    throw new Error(`node ${name} does not see its Consul yet`)
  if (!driver) throw new Error(`node ${name} has no healthy task driver`)
  return true
}
