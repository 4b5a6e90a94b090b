import { setTimeout as sleep } from 'node:timers/promises'
import { isThere } from '@muster/base/atomic-file.ts'
import { consulApi } from './api-client.ts'
import { eventually } from './eventually.ts'
import { runExpert } from './expert-job.ts'
import { clusterFiles } from './layout.ts'
import { playVariables } from './machine-variables.ts'
import { nomadAs, waitForNode } from './nomad-agent.ts'
import type { ClusterMachine, ClusterPort } from './port.ts'
import { readSecret } from './secret-file.ts'
import { readSettings } from './settings.ts'

/** How long a machine's run waits for an appliance that is still building its cluster. */
const PATIENCE_MS = 30 * 60_000

/**
 * The cluster of the appliance whose state folder this is, as provisioning uses it. Opens nothing yet.
 * @param answerMs how long Consul and Nomad may take to answer
 */
export function openCluster({
  state,
  answerMs = 30_000,
}: {
  state: string
  answerMs?: number
}): ClusterPort {
  return {
    waitReady: (work) => waitReady(state, { ...work, answerMs }),
    playVariables: (machine) => playVariables(state, machine),
    waitJoined: (machine, work) => waitJoined(state, machine, work),
    async deployExpert(machine, work) {
      // Every machine has root over SSH, whatever the appliance runs as.
      const settings = { ...(await readSettings(state)), exec: true }
      await runExpert({ state, settings }, machine.name, work)
    },
  }
}

type Work = { log: (line: string) => void; signal: AbortSignal }

async function waitReady(
  state: string,
  { log, signal, answerMs }: Work & { answerMs: number },
): Promise<void> {
  const { ready } = clusterFiles(state)
  const deadline = Date.now() + PATIENCE_MS
  for (let said = false; !(await isThere(ready)); said = true) {
    if (Date.now() > deadline)
      throw new Error('the appliance has no cluster: run `npm run up` there and read its progress')
    if (!said) log('waiting for the cluster of the appliance to start')
    await sleep(500, undefined, { signal })
  }
  const settings = await readSettings(state)
  const consul = consulApi()
  const nomad = await nomadAs({ state, settings })
  const hasLeader = (api: typeof consul) => async () =>
    /:/.test(await api.get<string>('/v1/status/leader'))
  await eventually(hasLeader(consul), {
    signal,
    timeoutMs: answerMs,
    what: 'Consul answering on the appliance (is it running?)',
  })
  await eventually(hasLeader(nomad), {
    signal,
    timeoutMs: answerMs,
    what: 'Nomad answering on the appliance (is it running?)',
  })
}

async function waitJoined(
  state: string,
  machine: ClusterMachine,
  { log, signal }: Work,
): Promise<void> {
  const settings = await readSettings(state)
  const consul = consulApi(await readSecret(clusterFiles(state).tokens.agentApp))
  log('waiting for the Consul member')
  await eventually(
    async () => {
      const checks = await consul.get<{ CheckID: string; Status: string }[]>(
        `/v1/health/node/${machine.name}`,
      )
      return checks.some((check) => check.CheckID === 'serfHealth' && check.Status === 'passing')
    },
    { signal, timeoutMs: 60_000, what: `Consul member ${machine.name} healthy` },
  )
  log('waiting for the Nomad node')
  await waitForNode({ state, settings }, machine.name, { signal })
}
