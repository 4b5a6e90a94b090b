import { newKey } from '@muster/base/api-keys.ts'
import { stateFiles } from '@muster/base/state.ts'
import { secretFile } from '@muster/cluster/secret-file.ts'
import { buildPage } from '@muster/web/build.ts'
import type { UpOptions } from './options.ts'
import { portFrom, requireFreePorts } from './ports.ts'
import type { UpLine } from './running.ts'
import { serverChildren, untilAnswers, untilCanAnswer } from './servers.ts'
import { savedSettings } from './settings.ts'
import type { Started } from './started.ts'

const LOOPBACK = '127.0.0.1'
/** On loopback only programs of this machine can call home. */
const ENROL_MINUTES_ON_LOOPBACK = 60

/** The page, the two servers and the key; resolves once a chat can be answered. */
export async function startServers(
  options: UpOptions,
  started: Started,
  onRestart: (message: string) => void,
): Promise<UpLine> {
  const { state } = options
  const apiKey = await secretFile(stateFiles(state).apiKey, newKey)
  await buildPage()
  const address = options.address ?? (await savedSettings(state))?.address ?? LOOPBACK
  const agentPort = portFrom('MUSTER_AGENT_PORT', 8000)
  const provisioningPort = portFrom('MUSTER_PROVISIONING_PORT', 8001)
  await requireFreePorts([agentPort], LOOPBACK, 'MUSTER_AGENT_PORT')
  await requireFreePorts([provisioningPort], address, 'MUSTER_PROVISIONING_PORT')
  const { provisioning, agent } = serverChildren({
    state,
    apiKey,
    provisioningHost: address,
    agentPort,
    provisioningPort,
    enrolMinutes: options.enrol ?? (address === LOOPBACK ? ENROL_MINUTES_ON_LOOPBACK : 0),
    allowLoopback: options['allow-loopback'],
    onRestart,
  })
  started.add(async () => void (await Promise.all([agent.stop(), provisioning.stop()])))
  provisioning.start()
  agent.start()
  const agentApp = `http://${LOOPBACK}:${agentPort}`
  const provisioningApi = `http://${address}:${provisioningPort}`
  await untilBothAnswer({ agentApp, provisioningApi, state }, started.signal)
  const missionControl = `${agentApp}/`
  return { missionControl, provisioningApi, agentApp, openai: `${agentApp}/v1`, apiKey, state }
}

type Addresses = Pick<UpLine, 'agentApp' | 'provisioningApi' | 'state'>

async function untilBothAnswer(
  { agentApp, provisioningApi, state }: Addresses,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([
    untilAnswers(`${agentApp}/health`, { name: 'agent-app', state }, signal),
    untilAnswers(`${provisioningApi}/health`, { name: 'provisioning-api', state }, signal),
  ])
  await untilCanAnswer(`${agentApp}/health`, signal)
}
