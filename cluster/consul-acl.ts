import { type ApiClient, ApiError } from './api-client.ts'

/** Rules of every token the cluster hands out. Nobody but the bootstrap holds a management token. */
export const consulPolicies = {
  'nomad-server': `
agent_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
service "nomad" { policy = "write" }
service "nomad-client" { policy = "write" }
service_prefix "llama" { policy = "write" }
service_prefix "agent-app" { policy = "write" }
service_prefix "" { policy = "read" }`,
  // Nomad deregisters a task's service with its own token, not with the service's: without the write rules
  // stopped experts would stay in Consul for ever.
  'nomad-client': `
agent_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
service "nomad-client" { policy = "write" }
service_prefix "llama" { policy = "write" }
service_prefix "" { policy = "read" }`,
  'nomad-tasks': `
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }`,
  'agent-app': `
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }`,
  'token-maker': `
acl = "write"
agent_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
service_prefix "" { policy = "read" }`,
} as const
export type ConsulPolicy = keyof typeof consulPolicies

/** Bootstraps the ACLs with our own secret. Done before counts only if our secret works. */
export async function bootstrapAcl(
  consul: ApiClient,
  owner: ApiClient,
  secret: string,
): Promise<void> {
  try {
    await consul.put('/v1/acl/bootstrap', { BootstrapSecret: secret })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error
    await owner.get('/v1/acl/token/self')
  }
}

export async function ensurePolicies(owner: ApiClient): Promise<void> {
  const known = await owner.get<{ ID: string; Name: string }[]>('/v1/acl/policies')
  for (const [Name, Rules] of Object.entries(consulPolicies)) {
    const id = known.find((policy) => policy.Name === Name)?.ID
    await owner.put(id ? `/v1/acl/policy/${id}` : '/v1/acl/policy', {
      ...(id ? { ID: id } : {}),
      Name,
      Rules,
    })
  }
}

type Grant = {
  description: string
  policies?: readonly ConsulPolicy[]
  node?: { name: string; datacenter: string }
}

/** Makes the token with this secret, or finds that it exists. */
export async function ensureToken(maker: ApiClient, secret: string, grant: Grant): Promise<void> {
  try {
    await maker.put('/v1/acl/token', {
      SecretID: secret,
      Description: grant.description,
      Policies: (grant.policies ?? []).map((Name) => ({ Name })),
      NodeIdentities: grant.node
        ? [{ NodeName: grant.node.name, Datacenter: grant.node.datacenter }]
        : [],
    })
  } catch (error) {
    if (error instanceof ApiError && /already in use|already exists/i.test(error.message)) return
    throw error
  }
}

const WORKLOADS = 'nomad-workloads'

/** Lets Nomad's workload identities become Consul tokens: a service may register itself, a task may read. */
export async function ensureWorkloadIdentity(
  owner: ApiClient,
  jwks: { url: string; ca: string },
): Promise<void> {
  const method = {
    Name: WORKLOADS,
    Type: 'jwt',
    Description: 'Nomad workloads',
    TokenLocality: 'local',
    Config: {
      JWKSURL: jwks.url,
      JWKSCACert: jwks.ca,
      JWTSupportedAlgs: ['RS256'],
      BoundAudiences: ['consul.io'],
      ClaimMappings: Object.fromEntries(
        ['consul_namespace', 'nomad_namespace', 'nomad_job_id', 'nomad_task', 'nomad_service'].map(
          (claim) => [claim, claim],
        ),
      ),
    },
  }
  const methods = await owner.get<{ Name: string }[]>('/v1/acl/auth-methods')
  const known = methods.some(({ Name }) => Name === WORKLOADS)
  await owner.put(known ? `/v1/acl/auth-method/${WORKLOADS}` : '/v1/acl/auth-method', method)
  await ensureTaskRole(owner)
  await ensureBindingRules(owner)
}

async function ensureTaskRole(owner: ApiClient): Promise<void> {
  const roles = await owner.get<{ Name: string }[]>('/v1/acl/roles')
  if (roles.some(({ Name }) => Name === 'nomad-default-tasks')) return
  await owner.put('/v1/acl/role', {
    Name: 'nomad-default-tasks',
    Policies: [{ Name: 'nomad-tasks' }],
  })
}

const BINDING_RULES = [
  { BindType: 'service', BindName: '${value.nomad_service}', Selector: '"nomad_service" in value' },
  {
    BindType: 'role',
    BindName: 'nomad-${value.nomad_namespace}-tasks',
    Selector: '"nomad_service" not in value',
  },
] as const

async function ensureBindingRules(owner: ApiClient): Promise<void> {
  const known = await owner.get<{ BindType: string }[]>(
    `/v1/acl/binding-rules?authmethod=${WORKLOADS}`,
  )
  for (const rule of BINDING_RULES)
    if (!known.some(({ BindType }) => BindType === rule.BindType))
      await owner.put('/v1/acl/binding-rule', { AuthMethod: WORKLOADS, ...rule })
}
