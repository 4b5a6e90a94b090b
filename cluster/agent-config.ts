import { readFile } from 'node:fs/promises'
import path from 'node:path'
import nunjucks from 'nunjucks'

const ROLES = path.join(import.meta.dirname, '../ansible/roles')

/** Variables of the consul role (`ansible/roles/consul/defaults/main.yml` describes each). */
export type ConsulVariables = {
  consul_node_name: string
  consul_node_id: string
  consul_datacenter: string
  consul_data_dir: string
  consul_config_dir: string
  consul_address: string
  consul_servers: readonly string[]
  consul_gossip_key: string
  consul_server: boolean
  consul_agent_token: string
}

/** Variables of the nomad role (`ansible/roles/nomad/defaults/main.yml` describes each). */
export type NomadVariables = {
  nomad_node_name: string
  nomad_datacenter: string
  nomad_data_dir: string
  nomad_config_dir: string
  nomad_address: string
  nomad_http_port: number
  nomad_interface: string
  nomad_servers: readonly string[]
  nomad_server: boolean
  nomad_client: boolean
  nomad_gossip_key: string
  nomad_consul_token: string
  nomad_exec: boolean
  nomad_llama_root: string
  nomad_host_volumes: readonly { name: string; path: string; read_only: boolean }[]
}

export const consulConfig = (variables: ConsulVariables): Promise<string> =>
  renderRoleTemplate('consul/templates/consul.json.j2', variables)

export const nomadConfig = (variables: NomadVariables): Promise<string> =>
  renderRoleTemplate('nomad/templates/nomad.json.j2', variables)

/** The agent's configuration, rendered from the role's own template: `up` and Ansible share one text. */
async function renderRoleTemplate(template: string, variables: object): Promise<string> {
  const environment = new nunjucks.Environment(null, {
    autoescape: false,
    throwOnUndefined: true,
    trimBlocks: true,
  })
  environment.addFilter('to_json', (value: unknown) => JSON.stringify(value))
  const text = environment.renderString(
    await readFile(path.join(ROLES, template), 'utf8'),
    variables,
  )
  return `${JSON.stringify(JSON.parse(text), null, 2)}\n`
}
