import { eventually } from './eventually.ts'
import { clusterFiles, type Place } from './layout.ts'
import { nomadAs } from './nomad-agent.ts'
import { findNode } from './nomad-nodes.ts'

type Allocation = { ClientStatus: string }

const NANOSECONDS = 1_000_000_000

/**
 * Ends the tasks of one node and waits for their processes: stopping Nomad's agent alone would leave them running.
 * The jobs stay and are placed again by `allowTasks`.
 */
export async function endTasks(place: Place, node: string, signal: AbortSignal): Promise<void> {
  const nomad = await provisioner(place)
  const stub = await findNode(nomad, node)
  if (!stub) return
  const spec = { Deadline: 30 * NANOSECONDS, IgnoreSystemJobs: false }
  await nomad.put(`/v1/node/${stub.ID}/drain`, {
    NodeID: stub.ID,
    DrainSpec: spec,
    MarkEligible: false,
  })
  const ended = async () => {
    const allocations = await nomad.get<Allocation[]>(`/v1/node/${stub.ID}/allocations`)
    return !allocations.some(({ ClientStatus }) => ['running', 'pending'].includes(ClientStatus))
  }
  await eventually(ended, { signal, timeoutMs: 40_000, what: `the tasks of ${node} ending` })
}

/** Lets a node take tasks again after `endTasks`. A node that takes them already is left as it is. */
export async function allowTasks(place: Place, node: string, signal: AbortSignal): Promise<void> {
  const nomad = await provisioner(place)
  const stub = await eventually(() => findNode(nomad, node), {
    signal,
    what: `Nomad node ${node} registering`,
  })
  if (stub.SchedulingEligibility === 'eligible') return
  await nomad.put(`/v1/node/${stub.ID}/eligibility`, { NodeID: stub.ID, Eligibility: 'eligible' })
}

const provisioner = (place: Place) => nomadAs(place, clusterFiles(place.state).tokens.provisioner)
