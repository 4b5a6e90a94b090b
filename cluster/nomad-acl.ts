import { type ApiClient, ApiError } from './api-client.ts'

/** What the provisioning API may do in Nomad: introduce and look at nodes, run experts. */
const PROVISIONER = `
agent { policy = "read" }
node { policy = "write" }
namespace "default" {
  capabilities = ["submit-job", "dispatch-job", "read-job", "list-jobs", "parse-job", "read-logs", "alloc-lifecycle"]
}
host_volume "*" { policy = "write" }`

/** Bootstraps the ACLs with our own secret. Done before counts only if our secret works. */
export async function bootstrapAcl(
  nomad: ApiClient,
  owner: ApiClient,
  secret: string,
): Promise<void> {
  try {
    await nomad.request('POST', '/v1/acl/bootstrap', { BootstrapSecret: secret })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error
    await owner.get('/v1/acl/token/self')
  }
}

export async function ensureProvisionerPolicy(owner: ApiClient): Promise<void> {
  await owner.put('/v1/acl/policy/provisioner', {
    Name: 'provisioner',
    Description: 'The provisioning API of Muster',
    Rules: PROVISIONER,
  })
}

/** Makes a token of the provisioner policy. Nomad chooses the secret. */
export async function makeProvisionerToken(owner: ApiClient): Promise<string> {
  const token = await owner.put<{ SecretID: string }>('/v1/acl/token', {
    Name: 'provisioning-api',
    Type: 'client',
    Policies: ['provisioner'],
  })
  return token.SecretID
}

/** The key that experts ask for, readable by the jobs of this cluster only. */
export async function storeExpertKey(owner: ApiClient, key: string): Promise<void> {
  await owner.put('/v1/var/nomad/jobs', {
    Namespace: 'default',
    Path: 'nomad/jobs',
    Items: { expert_key: key },
  })
}

/** Digests of the keys that the agent app as a job accepts, readable by that job only. */
export async function storeAgentKeys(owner: ApiClient, digests: string): Promise<void> {
  const Path = 'nomad/jobs/agent-app'
  await owner.put(`/v1/var/${Path}`, { Namespace: 'default', Path, Items: { api_keys: digests } })
}

/** A token with which one node may register under this name, within 10 minutes. */
export async function introduceNode(nomad: ApiClient, name: string): Promise<string> {
  const answer = await nomad.put<{ JWT: string }>('/v1/acl/identity/client-introduction-token', {
    NodeName: name,
    NodePool: 'default',
    TTL: '10m',
  })
  return answer.JWT
}
