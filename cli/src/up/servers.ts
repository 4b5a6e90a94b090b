import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf, newKey } from '@muster/base/api-keys.ts'
import { cacheFolder, stateFiles } from '@muster/base/state.ts'
import { clusterFiles } from '@muster/cluster/layout.ts'
import { Child } from './child.ts'

const ROOT = path.join(import.meta.dirname, '../../..')

export type ServerPlan = {
  state: string
  apiKey: string
  /** Where the provisioning API listens: loopback, or the appliance's address in the cluster's network. */
  provisioningHost: string
  agentPort: number
  provisioningPort: number
  enrolMinutes: number
  allowLoopback: boolean
  onRestart: (message: string) => void
}

/** The two servers as children of `up`. The agent app talks to the provisioning API with a key of its own. */
export function serverChildren(plan: ServerPlan): { provisioning: Child; agent: Child } {
  const serviceKey = newKey()
  const common = { state: plan.state, command: process.execPath, onRestart: plan.onRestart }
  const provisioning = new Child({
    ...common,
    name: 'provisioning-api',
    args: [path.join(ROOT, 'provisioning-api/src/server.ts')],
    env: {
      ...baseEnvironment(plan.state),
      PIECAT_API_KEYS: `${digestOf(plan.apiKey)}:operator,${digestOf(serviceKey)}:agent-app:read+operate`,
      MUSTER_PROVISIONING_HOST: plan.provisioningHost,
      MUSTER_PROVISIONING_PORT: String(plan.provisioningPort),
      MUSTER_ENROL_MINUTES: String(plan.enrolMinutes),
      ...(plan.allowLoopback ? { MUSTER_ALLOW_LOOPBACK: '1' } : {}),
    },
  })
  const agent = new Child({
    ...common,
    name: 'agent-app',
    args: [path.join(ROOT, 'agent-app/src/server.ts')],
    env: {
      ...baseEnvironment(plan.state),
      PIECAT_API_KEYS: `${digestOf(plan.apiKey)}:operator`,
      MUSTER_AGENT_PORT: String(plan.agentPort),
      MUSTER_PROVISIONING_URL: `http://${plan.provisioningHost}:${plan.provisioningPort}`,
      MUSTER_PROVISIONING_KEY: serviceKey,
      CONSUL_HTTP_TOKEN_FILE: clusterFiles(plan.state).tokens.agentApp,
      MUSTER_EXPERT_KEY_FILE: clusterFiles(plan.state).expertKey,
    },
  })
  return { provisioning, agent }
}

/** Only what a server needs: the caller's secrets stay with the caller. */
function baseEnvironment(state: string): Record<string, string> {
  const ansible = path.join(cacheFolder(), 'ansible/bin')
  const kept = [
    'HOME',
    'LANG',
    'MUSTER_CACHE',
    'MUSTER_LOG_LEVEL',
    'MUSTER_ALLOWED_HOSTS',
    'MUSTER_ALLOWED_ORIGINS',
    'MUSTER_MODEL',
    'MUSTER_EMBEDDED',
    'MUSTER_JOB_MINUTES',
    'MUSTER_MAX_RUNS',
    'MUSTER_SYSLOG_PORT',
    'MUSTER_DEBIAN_MIRROR',
  ]
  return {
    PATH: `${process.env.PATH}:${ansible}:/usr/sbin:/sbin`,
    MUSTER_STATE: state,
    NODE_ENV: 'production',
    ...Object.fromEntries(
      kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
  }
}

/** The embedded expert needs a second or two; without it the page still works. */
const EXPERT_PATIENCE_MS = 15_000

/** Resolves once the agent app has an expert that can answer, or when waiting longer would only delay the page. */
export async function untilCanAnswer(url: string, signal: AbortSignal): Promise<void> {
  if (process.env.MUSTER_EMBEDDED === '0') return
  const deadline = Date.now() + EXPERT_PATIENCE_MS
  while (Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (answer?.status === 200) return
    await sleep(50, undefined, { signal })
  }
}

/** Resolves once the server answers; a child that keeps dying is an error that names its log. */
export async function untilAnswers(
  url: string,
  { name, state }: { name: string; state: string },
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + 30_000
  while (Date.now() < deadline) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (answer) return
    await sleep(50, undefined, { signal })
  }
  throw new Error(
    `${name} does not answer at ${url}. Its log says why: ${stateFiles(state).log(name)}`,
  )
}
