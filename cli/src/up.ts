import { access, rm } from 'node:fs/promises'
import path from 'node:path'
import { newKey } from '@muster/base/api-keys.ts'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { stateFiles } from '@muster/base/state.ts'
import { clusterFiles } from '@muster/cluster/layout.ts'
import { endTasks } from '@muster/cluster/node-tasks.ts'
import { secretFile } from '@muster/cluster/secret-file.ts'
import { unmountBelow } from '@muster/cluster/unmount.ts'
import { execa } from 'execa'
import { ensureAnsible } from './up/ansible.ts'
import { type ClusterChildren, clusterChildren, startCluster } from './up/cluster.ts'
import { readOptions, type UpOptions, usage } from './up/options.ts'
import { portFrom, requireFreePorts } from './up/ports.ts'
import { ProgressRecorder, Skipped } from './up/progress.ts'
import { forgetRunning, rememberRunning, runningUp, type UpLine } from './up/running.ts'
import { serverChildren, untilAnswers, untilCanAnswer } from './up/servers.ts'
import { decideSettings, obtainTools, savedSettings } from './up/settings.ts'
import { printAlreadyRunning, printCluster, printReady } from './up/speech.ts'

const ROOT = path.join(import.meta.dirname, '../..')

const STEPS = [
  { id: 'servers', title: 'Provisioning API, agent app and page' },
  { id: 'ansible', title: 'Ansible' },
  { id: 'consul-binary', title: 'Consul program' },
  { id: 'nomad-binary', title: 'Nomad program' },
  { id: 'llama', title: 'llama.cpp' },
  { id: 'store', title: 'Artifact store' },
  { id: 'consul', title: 'Consul, with TLS and ACLs' },
  { id: 'nomad', title: 'Nomad, with TLS, ACLs and strict introduction' },
  { id: 'expert', title: 'First expert' },
]

/** Everything `up` started, ended in the order in which nothing is cut. */
type Started = { stop: () => Promise<void>; stopped: AbortController }

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return void process.stdout.write(usage)
  const other = await runningUp(options.state)
  if (other) return printAlreadyRunning(other, options)
  const started: Started = { stop: async () => {}, stopped: new AbortController() }
  endOnSignal(started, options)
  await run(options, started)
}

async function run(options: UpOptions, started: Started): Promise<void> {
  const { state } = options
  const { signal } = started.stopped
  const say = (line: string) => process.stderr.write(`${line}\n`)
  await privateFolder(state)
  await rm(clusterFiles(state).ready, { force: true })
  const progress = new ProgressRecorder(
    stateFiles(state).progress,
    STEPS.slice(0, options['no-cluster'] ? 1 : undefined),
    say,
  )
  const line = await progress.step('servers', () => startServers(options, started, say))
  await rememberRunning(line, false)
  printReady(line, options)
  if (options['no-cluster']) return
  await progress
    .step('ansible', (detail) => ensureAnsible({ state, say: detail, signal }))
    .catch(tolerate)
  try {
    const tools = await obtainTools(progress, signal)
    const settings = await decideSettings(options, tools, `${line.provisioningApi}/artifacts`)
    const plan = { state, settings, progress, signal, onRestart: say }
    const children = clusterChildren(plan)
    stopFirst(started, () => stopCluster(children, plan))
    await requireFreePorts([8500, 8501, 8300, 4646, 4647, 4648, 4656], settings.address)
    await startCluster(plan, children)
    await rememberRunning(line, true)
    printCluster(settings, options)
  } catch (error) {
    signal.throwIfAborted()
    say(`The cluster did not start: ${(error as Error).message}`)
    say(
      'The fallback expert goes on answering. Mend that, then run up again; what is done stays done.',
    )
  }
}

/** A failure that costs a feature, not the start: the step has said it. */
function tolerate(error: Error): void {
  if (error.name === 'AbortError') throw error
}

async function startServers(
  options: UpOptions,
  started: Started,
  say: (line: string) => void,
): Promise<UpLine> {
  const { state } = options
  const apiKey = await secretFile(stateFiles(state).apiKey, newKey)
  await ensurePage()
  const address = options.address ?? (await savedSettings(state))?.address ?? '127.0.0.1'
  const agentPort = portFrom('MUSTER_AGENT_PORT', 8000)
  const provisioningPort = portFrom('MUSTER_PROVISIONING_PORT', 8001)
  await requireFreePorts([agentPort], '127.0.0.1', 'MUSTER_AGENT_PORT')
  await requireFreePorts([provisioningPort], address, 'MUSTER_PROVISIONING_PORT')
  const { provisioning, agent } = serverChildren({
    state,
    apiKey,
    provisioningHost: address,
    agentPort,
    provisioningPort,
    enrolMinutes: options.enrol ?? (address === '127.0.0.1' ? 60 : 0),
    allowLoopback: options['allow-loopback'],
    onRestart: say,
  })
  stopFirst(started, async () => void (await Promise.all([agent.stop(), provisioning.stop()])))
  provisioning.start()
  agent.start()
  const agentApp = `http://127.0.0.1:${agentPort}`
  const provisioningApi = `http://${address}:${provisioningPort}`
  const { signal } = started.stopped
  await Promise.all([
    untilAnswers(`${agentApp}/health`, { name: 'agent-app', state }, signal),
    untilAnswers(`${provisioningApi}/health`, { name: 'provisioning-api', state }, signal),
  ])
  await untilCanAnswer(`${agentApp}/health`, signal)
  return {
    missionControl: `${agentApp}/`,
    provisioningApi,
    agentApp,
    openai: `${agentApp}/v1`,
    apiKey,
    state,
  }
}

/** The page is the one part that is built; a checkout builds it once. */
async function ensurePage(): Promise<void> {
  const built = await access(path.join(ROOT, 'web/dist/index.html')).then(
    () => true,
    () => false,
  )
  if (!built)
    await execa(
      process.execPath,
      [path.join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', 'web'],
      { cwd: ROOT },
    )
}

async function stopCluster(
  children: ClusterChildren,
  { state, settings }: { state: string; settings: Parameters<typeof endTasks>[0]['settings'] },
): Promise<void> {
  if (children.nomadClient.running)
    await endTasks({ state, settings }, settings.node, AbortSignal.timeout(45_000)).catch(
      (error: Error) => process.stderr.write(`tasks may still run: ${error.message}\n`),
    )
  await children.nomadClient.stop()
  if (settings.exec) await unmountBelow(clusterFiles(state).data.nomadClient)
  await children.nomad.stop()
  await children.consul.stop()
}

/** What was started last stops first. */
function stopFirst(started: Started, stop: () => Promise<void>): void {
  const before = started.stop
  started.stop = async () => {
    await stop()
    await before()
  }
}

function endOnSignal(started: Started, options: UpOptions): void {
  const end = async () => {
    process.stderr.write('Stopping (a second Ctrl-C is not needed) ...\n')
    started.stopped.abort()
    await started.stop()
    await forgetRunning(options.state)
    process.exit(0)
  }
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!ending) void end()
      ending = true
    })
}

main().catch((error: Error) => {
  if (error.name === 'AbortError') return
  process.stderr.write(`${error instanceof Skipped ? '' : 'up: '}${error.message}\n`)
  process.exitCode = 1
})
