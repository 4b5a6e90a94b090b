import { eventually } from './eventually.ts'
import type { ClusterSettings } from './layout.ts'
import { clusterFiles } from './layout.ts'
import { nomadAs } from './nomad-agent.ts'

type Stub = { ID: string; Name: string }
type Allocation = { JobID: string; ClientStatus: string }

/** Stops the jobs that run on one node and waits for their processes: Nomad's agent alone would leave them running. */
export async function stopTasks(
  place: { state: string; settings: ClusterSettings },
  node: string,
  signal: AbortSignal,
): Promise<void> {
  const nomad = await nomadAs(place, clusterFiles(place.state).tokens.provisioner)
  const id = (await nomad.get<Stub[]>('/v1/nodes')).find((stub) => stub.Name === node)?.ID
  if (!id) return
  const running = async () =>
    (await nomad.get<Allocation[]>(`/v1/node/${id}/allocations`)).filter(({ ClientStatus }) =>
      ['running', 'pending'].includes(ClientStatus),
    )
  for (const job of new Set((await running()).map(({ JobID }) => JobID)))
    await nomad.request('DELETE', `/v1/job/${encodeURIComponent(job)}`)
  await eventually(async () => (await running()).length === 0, {
    signal,
    timeoutMs: 40_000,
    what: `the tasks of ${node} ending`,
  })
}
