import { rm } from 'node:fs/promises'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { stateFiles } from '@muster/base/state.ts'
import { clusterFiles } from '@muster/cluster/layout.ts'
import { ensureAnsible } from './up/ansible.ts'
import { clusterChildren, openToMachines, startCluster, stopCluster } from './up/cluster.ts'
import { readOptions, type UpOptions, usage } from './up/options.ts'
import { requireFreePorts } from './up/ports.ts'
import { ProgressRecorder } from './up/progress.ts'
import { forgetRunning, rememberRunning, runningUp, type UpLine } from './up/running.ts'
import { decideSettings, obtainTools } from './up/settings.ts'
import { printAlreadyRunning, printCluster, printReady } from './up/speech.ts'
import { startServers } from './up/start-servers.ts'
import { Started } from './up/started.ts'

const STEPS = [
  { id: 'servers', title: 'Provisioning API, agent app and page' },
  { id: 'ansible', title: 'Ansible' },
  { id: 'consul-binary', title: 'Consul program' },
  { id: 'nomad-binary', title: 'Nomad program' },
  { id: 'llama', title: 'llama.cpp' },
  { id: 'consul', title: 'Consul, with TLS and ACLs' },
  { id: 'nomad', title: 'Nomad, with TLS, ACLs and strict introduction' },
  { id: 'expert', title: 'First expert' },
  { id: 'store', title: 'Artifacts for other machines' },
]

/** Consul's HTTP, HTTPS and RPC; Nomad's HTTP, RPC and gossip; the HTTP of the appliance's Nomad client. */
const CLUSTER_PORTS = [8500, 8501, 8300, 4646, 4647, 4648, 4656]

async function main(started: Started): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) return void process.stdout.write(usage)
  const other = await runningUp(options.state)
  if (other) return printAlreadyRunning(other, options)
  started.endOnSignal(() => forgetRunning(options.state))
  await run(options, started)
}

async function run(options: UpOptions, started: Started): Promise<void> {
  const { state } = options
  const { signal } = started
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
    await runCluster(options, started, { progress, line, say })
  } catch (error) {
    signal.throwIfAborted()
    say(`The cluster is not complete: ${(error as Error).message}`)
    say('What runs goes on, the fallback expert too. Mend that, then run up again.')
  }
}

type Scene = { progress: ProgressRecorder; line: UpLine; say: (line: string) => void }

async function runCluster(options: UpOptions, started: Started, scene: Scene): Promise<void> {
  const { signal } = started
  const { progress, line, say } = scene
  const tools = await obtainTools(progress, signal)
  const settings = await decideSettings(options, tools, `${line.provisioningApi}/artifacts`)
  const plan = { state: options.state, settings, progress, signal, onRestart: say }
  const children = clusterChildren(plan)
  started.add(() => stopCluster(children, plan))
  await requireFreePorts(CLUSTER_PORTS, settings.address)
  await startCluster(plan, children)
  await rememberRunning(line, true)
  printCluster(settings, options)
  await openToMachines(plan)
}

/** A failure that costs a feature, not the start: the step has said it. */
function tolerate(error: Error): void {
  if (error.name === 'AbortError') throw error
}

const started = new Started()
main(started).catch(async (error: Error) => {
  if (error.name === 'AbortError') return
  process.stderr.write(`up: ${error.message}\n`)
  await started.stop()
  process.exit(1)
})
