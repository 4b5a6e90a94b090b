import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'
import {
  type ConsulVariables,
  consulConfig,
  type NomadVariables,
  nomadConfig,
} from './agent-config.ts'
import { ensureAuthority, ensureCertificate, issue } from './certificates.ts'
import { presentBinary, skipWithout } from './test-binary.ts'

const consulBinary = await presentBinary('consul')
const nomadBinary = await presentBinary('nomad')

const consul = (folder: string): ConsulVariables => ({
  consul_node_name: 'appliance',
  consul_node_id: '',
  consul_datacenter: 'dc1',
  consul_data_dir: path.join(folder, 'data'),
  consul_config_dir: folder,
  consul_address: '127.0.0.1',
  consul_servers: [],
  consul_gossip_key: Buffer.alloc(32, 1).toString('base64'),
  consul_server: true,
  consul_agent_token: '',
})

const nomad = (folder: string): NomadVariables => ({
  nomad_node_name: 'appliance',
  nomad_datacenter: 'dc1',
  nomad_data_dir: path.join(folder, 'data'),
  nomad_config_dir: folder,
  nomad_address: '127.0.0.1',
  nomad_http_port: 4646,
  nomad_interface: 'lo',
  nomad_servers: ['127.0.0.1:4647'],
  nomad_server: true,
  nomad_client: false,
  nomad_gossip_key: Buffer.alloc(32, 2).toString('base64'),
  nomad_consul_token: 'token-1',
  nomad_exec: true,
  nomad_llama_root: '/opt/llama',
  nomad_host_volumes: [{ name: 'models', path: folder, read_only: true }],
})

const consulVariants: Record<string, Partial<ConsulVariables>> = {
  server: {},
  machine: {
    consul_server: false,
    consul_node_name: 'w1',
    consul_node_id: '7ab5ef6c-6d0b-4d80-9c55-cd9e9a2a3c11',
    consul_servers: ['10.77.0.1'],
    consul_agent_token: 'a-token',
  },
}

const nomadVariants: Record<string, Partial<NomadVariables>> = {
  server: {},
  client: { nomad_server: false, nomad_client: true, nomad_gossip_key: '', nomad_http_port: 4656 },
  'client without root': { nomad_server: false, nomad_client: true, nomad_exec: false },
  'machine with two volumes': {
    nomad_server: false,
    nomad_client: true,
    nomad_host_volumes: [
      { name: 'models', path: '/opt/muster/models', read_only: true },
      { name: 'more', path: '/srv/more', read_only: false },
    ],
  },
  'machine without volumes': { nomad_server: false, nomad_client: true, nomad_host_volumes: [] },
}

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-config-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

for (const [variant, change] of Object.entries(consulVariants)) {
  test(`consul ${variant}: closed by default, TLS inside, HTTP on loopback only`, async () => {
    const config = JSON.parse(await consulConfig({ ...consul('/c'), ...change }))
    assert.equal(config.acl.default_policy, 'deny')
    assert.equal(config.tls.defaults.verify_incoming, true)
    assert.equal(config.tls.internal_rpc.verify_server_hostname, true)
    assert.equal(config.client_addr, '127.0.0.1')
    assert.equal(config.disable_remote_exec, true)
    assert.equal(config.server ?? false, variant === 'server')
    assert.equal(config.node_id, change.consul_node_id)
    assert.equal(config.acl.tokens?.agent, change.consul_agent_token)
  })

  test(`consul ${variant}: consul validate accepts it`, {
    skip: skipWithout('consul', consulBinary),
  }, async (context) => {
    const folder = await temporary(context)
    await writeCertificate('consul', consulBinary!, folder)
    const file = path.join(folder, 'agent.json')
    await writeFile(file, await consulConfig({ ...consul(folder), ...change }))
    const { stdout } = await execa(consulBinary!, ['validate', file])
    assert.match(stdout, /Configuration is valid/)
  })
}

for (const [variant, change] of Object.entries(nomadVariants)) {
  test(`nomad ${variant}: ACLs and TLS, raw_exec only without root`, async () => {
    const variables = { ...nomad('/n'), ...change }
    const config = JSON.parse(await nomadConfig(variables))
    assert.equal(config.acl.enabled, true)
    assert.equal(config.tls.http && config.tls.rpc && config.tls.verify_server_hostname, true)
    assert.equal(config.server?.enabled ?? false, variables.nomad_server)
    assert.equal(config.client?.enabled ?? false, variables.nomad_client)
    assert.equal(config.plugin[0].raw_exec[0].config[0].enabled, !variables.nomad_exec)
    if (variables.nomad_server)
      assert.equal(config.server.client_introduction.enforcement, 'strict')
    if (variables.nomad_client)
      assert.deepEqual(
        config.client.host_volume.map((volume: object) => Object.keys(volume)[0]),
        variables.nomad_host_volumes.map(({ name }) => name),
      )
  })

  test(`nomad ${variant}: nomad config validate accepts it`, {
    skip: skipWithout('nomad', nomadBinary),
  }, async (context) => {
    const folder = await temporary(context)
    const file = path.join(folder, 'agent.json')
    await writeFile(file, await nomadConfig({ ...nomad(folder), ...change }))
    const { stdout } = await execa(nomadBinary!, ['config', 'validate', file])
    assert.match(stdout, /is valid/i)
  })
}

test('a missing variable is refused, not rendered as nothing', async () => {
  for (const name of ['consul_gossip_key', 'consul_address', 'consul_data_dir']) {
    const { [name as keyof ConsulVariables]: _, ...rest } = consul('/c')
    await assert.rejects(consulConfig(rest as ConsulVariables), `${name} was missing`)
  }
  for (const name of [
    'nomad_consul_token',
    'nomad_gossip_key',
    'nomad_http_port',
    'nomad_data_dir',
  ]) {
    const { [name as keyof NomadVariables]: _, ...rest } = nomad('/n')
    await assert.rejects(nomadConfig(rest as NomadVariables), `${name} was missing`)
  }
})

test('text that is special in JSON stays data', async () => {
  const name = 'a"b\\c\n{{ d }}'
  const config = JSON.parse(await consulConfig({ ...consul('/c'), consul_node_name: name }))
  assert.equal(config.node_name, name)
})

async function writeCertificate(name: 'consul', binary: string, folder: string): Promise<void> {
  const at = (file: string) => path.join(folder, 'authority', file)
  const authority = { binary, name, ca: at('ca.pem'), caKey: at('ca-key.pem') }
  await ensureAuthority(authority)
  await ensureCertificate(folder, '127.0.0.1', () => issue(authority, { server: ['127.0.0.1'] }))
}
