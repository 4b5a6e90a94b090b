import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { consulApi } from './api-client.ts'
import { readManifest } from './artifact-store.ts'
import { issue } from './certificates.ts'
import * as consulAcl from './consul-acl.ts'
import { type ClusterSettings, clusterFiles } from './layout.ts'
import { introduceNode } from './nomad-acl.ts'
import { nomadAs } from './nomad-agent.ts'
import type { ClusterMachine } from './port.ts'
import { readSecret, secretFile } from './secret-file.ts'
import { readSettings } from './settings.ts'

/** Where machines keep llama.cpp and the models; the roles use the same. */
const MACHINE_ROOT = '/opt/muster'

/** Variables of the play for one machine, its secrets made where they are missing. */
export async function playVariables(
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
    consul_gossip_key: await readSecret(files.consul.gossip),
  }
}

async function consulVariables(state: string, settings: ClusterSettings, machine: ClusterMachine) {
  const files = clusterFiles(state)
  const maker = consulApi(await readSecret(files.tokens.tokenMaker))
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
  const maker = consulApi(await readSecret(files.tokens.tokenMaker))
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
