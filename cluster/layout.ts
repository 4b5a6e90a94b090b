import path from 'node:path'
import { stateFiles } from '@muster/base/state.ts'
import { z } from 'zod'

/** The files of a cluster's secrets and settings, all 0600 below `<state>/cluster` (0700). */
export const clusterFiles = (state: string) => {
  const folder = stateFiles(state).cluster
  const at = (...parts: string[]) => path.join(folder, ...parts)
  return {
    folder,
    settings: at('settings.json'),
    /** Written last: the cluster is usable from here on. */
    ready: at('ready'),
    consul: {
      ca: at('consul/ca.pem'),
      caKey: at('consul/ca-key.pem'),
      gossip: at('consul/gossip.key'),
      secret: at('consul/bootstrap.secret'),
    },
    nomad: {
      ca: at('nomad/ca.pem'),
      caKey: at('nomad/ca-key.pem'),
      gossip: at('nomad/gossip.key'),
      secret: at('nomad/bootstrap.secret'),
    },
    /** Least-privilege tokens, one file each. */
    tokens: {
      nomadServer: at('tokens/consul-nomad-server'),
      appliance: at('tokens/consul-agent-appliance'),
      tokenMaker: at('tokens/consul-token-maker'),
      agentApp: at('tokens/consul-agent-app'),
      provisioner: at('tokens/nomad-provisioner'),
    },
    expertKey: at('expert.key'),
    /** Stable Consul node ids by machine name. */
    nodeIds: at('node-ids'),
    agents: {
      consul: at('agents/consul'),
      nomad: at('agents/nomad'),
      nomadClient: at('agents/nomad-client'),
    },
    data: {
      consul: at('data/consul'),
      nomad: at('data/nomad'),
      nomadClient: at('data/nomad-client'),
    },
  }
}

/** What one appliance decided about its cluster; not secret. */
export const ClusterSettings = z.object({
  datacenter: z.string().default('dc1'),
  /** The appliance's node name in Consul and Nomad. */
  node: z.string().default('appliance'),
  /** Address on which the servers listen and which the machines use. */
  address: z.ipv4(),
  interface: z.string(),
  /** Where machines fetch artifacts: the provisioning API as they reach it. */
  artifactsUrl: z.url(),
  consulBinary: z.string(),
  nomadBinary: z.string(),
  llamaRoot: z.string(),
  /** Root runs tasks isolated (`exec`); without root there is only `raw_exec`. */
  exec: z.boolean(),
  expert: z.object({
    name: z.string(),
    /** File name below the models folder. */
    model: z.string(),
    quantisation: z.string(),
    /** Tokens. */
    context: z.int().positive(),
    /** MB that the model's layers and their cache need. */
    memory: z.int().positive(),
  }),
})
export type ClusterSettings = z.infer<typeof ClusterSettings>

/** One appliance: where it keeps its state, and what it decided. */
export type Place = { state: string; settings: ClusterSettings }
