import type { ApiClient } from './api-client.ts'

/** A node as Nomad lists it. */
export type NodeStub = { ID: string; Name: string; Status: string; SchedulingEligibility: string }
/** What Nomad found out about a node. */
export type NodeDetail = {
  Attributes: Record<string, string>
  Drivers: Record<string, { Healthy: boolean }>
}

/** The node of this name that is not down: a reinstalled machine leaves its old record behind. */
export const findNode = async (nomad: ApiClient, name: string): Promise<NodeStub | undefined> =>
  (await nomad.get<NodeStub[]>('/v1/nodes')).find(
    (stub) => stub.Name === name && stub.Status !== 'down',
  )

export const nodeDetail = (nomad: ApiClient, { ID }: NodeStub): Promise<NodeDetail> =>
  nomad.get<NodeDetail>(`/v1/node/${ID}`)
