import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { replaceFile } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { consulConfig } from './agent-config.ts'
import { consulApi } from './api-client.ts'
import { ensureAuthority, ensureCertificate, issue } from './certificates.ts'
import * as acl from './consul-acl.ts'
import { eventually } from './eventually.ts'
import { clusterFiles, type Place } from './layout.ts'
import { readSecret, secretFile } from './secret-file.ts'

/** Writes everything Consul's server on the appliance needs before its first start. Can be repeated. */
export async function prepareConsulServer({ state, settings }: Place): Promise<void> {
  const files = clusterFiles(state)
  const authority = { binary: settings.consulBinary, name: 'consul' as const, ...files.consul }
  await ensureAuthority(authority)
  const gossip = await secretFile(
    files.consul.gossip,
    async () => (await execa(settings.consulBinary, ['keygen'])).stdout,
  )
  await ensureCertificate(files.agents.consul, settings.address, () =>
    issue(authority, { server: [settings.address] }),
  )
  const config = await consulConfig({
    consul_node_name: settings.node,
    consul_node_id: '',
    consul_datacenter: settings.datacenter,
    consul_data_dir: files.data.consul,
    consul_config_dir: files.agents.consul,
    consul_address: settings.address,
    consul_servers: [],
    consul_gossip_key: gossip,
    consul_server: true,
    consul_agent_token: '',
  })
  await replaceFile(path.join(files.agents.consul, 'agent.json'), config)
}

/** Waits for the leader, then makes ACLs, policies and the tokens of the appliance. Can be repeated. */
export async function bootstrapConsul(
  { state, settings }: Place,
  signal: AbortSignal,
): Promise<void> {
  const files = clusterFiles(state)
  const secret = await secretFile(files.consul.secret, randomUUID)
  const anonymous = consulApi()
  const owner = consulApi(secret)
  await eventually(async () => /:/.test(await anonymous.get<string>('/v1/status/leader')), {
    signal,
    what: 'a Consul leader',
  })
  await acl.bootstrapAcl(anonymous, owner, secret)
  await acl.ensurePolicies(owner)
  const agentToken = await secretFile(files.tokens.appliance, randomUUID)
  await acl.ensureToken(owner, agentToken, {
    description: `agent ${settings.node}`,
    node: { name: settings.node, datacenter: settings.datacenter },
  })
  await owner.put('/v1/agent/token/agent', { Token: agentToken })
  for (const [file, policy] of [
    [files.tokens.nomadServer, 'nomad-server'],
    [files.tokens.tokenMaker, 'token-maker'],
    [files.tokens.agentApp, 'agent-app'],
  ] as const) {
    const token = await secretFile(file, randomUUID)
    await acl.ensureToken(owner, token, { description: policy, policies: [policy] })
  }
}

/** Lets workloads of Nomad log in to Consul; needs both servers running. */
export async function connectNomadToConsul({ state, settings }: Place): Promise<void> {
  const files = clusterFiles(state)
  const owner = consulApi(await readSecret(files.consul.secret))
  const url = `https://${settings.address}:4646/.well-known/jwks.json`
  await acl.ensureWorkloadIdentity(owner, { url, ca: await readFile(files.nomad.ca, 'utf8') })
}
