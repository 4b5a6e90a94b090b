import { z } from 'zod'
import { EXPERT_SERVICE_PREFIX } from '../../contract/expert.ts'

/** An instance of an expert as Consul knows it. `origin` is `http://<address>:<port>`. */
export type ClusterExpert = {
  id: string
  name: string
  node: string
  model: string | null
  healthy: boolean
  origin: string
}

/** One entry of Consul's health endpoint: what we read. */
export const HealthEntry = z.object({
  Node: z.object({ Node: z.string(), Address: z.string() }),
  Service: z.object({
    Service: z.string(),
    Address: z.string().default(''),
    Port: z.int(),
    Meta: z.record(z.string(), z.string()).nullish(),
  }),
  Checks: z.array(z.object({ Status: z.string() })).default([]),
})
export type HealthEntry = z.infer<typeof HealthEntry>

/** Healthy = every check of the service and its node passes. */
export function toClusterExpert({ Node, Service, Checks }: HealthEntry): ClusterExpert {
  const name = Service.Service.slice(EXPERT_SERVICE_PREFIX.length)
  const address = Service.Address || Node.Address
  const host = address.includes(':') ? `[${address}]` : address
  return {
    id: `${name}@${Node.Node}`,
    name,
    node: Node.Node,
    model: Service.Meta?.model ?? null,
    healthy: Checks.every(({ Status }) => Status === 'passing'),
    origin: `http://${host}:${Service.Port}`,
  }
}

/** One entry per id, sorted; of several instances on one node a healthy one counts. */
export function byId(experts: readonly ClusterExpert[]): ClusterExpert[] {
  const best = new Map<string, ClusterExpert>()
  for (const expert of experts) if (!best.get(expert.id)?.healthy) best.set(expert.id, expert)
  return [...best.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
