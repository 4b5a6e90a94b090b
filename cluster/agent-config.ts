import { z } from 'zod'
import { renderRoleTemplate } from './role-template.ts'

/** Variables of the consul role (`ansible/roles/consul/defaults/main.yml` describes each). */
export const ConsulVariables = z.object({
  consul_node_name: z.string(),
  consul_node_id: z.string(),
  consul_datacenter: z.string(),
  consul_data_dir: z.string(),
  consul_config_dir: z.string(),
  consul_address: z.string(),
  consul_servers: z.array(z.string()),
  consul_gossip_key: z.string(),
  consul_server: z.boolean(),
  consul_agent_token: z.string(),
})

export type ConsulVariables = z.infer<typeof ConsulVariables>

/** Variables of the nomad role (`ansible/roles/nomad/defaults/main.yml` describes each). */
export const NomadVariables = z.object({
  nomad_node_name: z.string(),
  nomad_datacenter: z.string(),
  nomad_data_dir: z.string(),
  nomad_config_dir: z.string(),
  nomad_address: z.string(),
  nomad_http_port: z.int(),
  nomad_interface: z.string(),
  nomad_servers: z.array(z.string()),
  nomad_server: z.boolean(),
  nomad_client: z.boolean(),
  nomad_gossip_key: z.string(),
  nomad_consul_token: z.string(),
  nomad_exec: z.boolean(),
  nomad_llama_root: z.string(),
  nomad_host_volumes: z.array(
    z.object({ name: z.string(), path: z.string(), read_only: z.boolean() }),
  ),
})

export type NomadVariables = z.infer<typeof NomadVariables>

/** @throws ZodError for a variable that is missing: a template would print `undefined` */
export const consulConfig = async (variables: ConsulVariables): Promise<string> =>
  agentConfig('consul/templates/consul.json.j2', ConsulVariables.parse(variables))

/** @throws ZodError for a variable that is missing: a template would print `undefined` */
export const nomadConfig = async (variables: NomadVariables): Promise<string> =>
  agentConfig('nomad/templates/nomad.json.j2', NomadVariables.parse(variables))

/** An agent's configuration, rendered from its role's own template. */
async function agentConfig(template: string, variables: object): Promise<string> {
  const text = await renderRoleTemplate(template, variables)
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
}
