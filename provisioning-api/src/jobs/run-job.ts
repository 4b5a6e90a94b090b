import path from 'node:path'
import { replaceFile } from '@muster/base/atomic-file.ts'
import type { ClusterMachine, ClusterPort } from '@muster/cluster/port.ts'
import type { Job, JobPhase } from '../../contract/job.ts'
import type { JobStore } from '../store/jobs.ts'
import { runPlaybook } from './ansible.ts'
import { AnsibleReport, failureReason } from './ansible-lines.ts'
import type { JobFiles } from './job-files.ts'
import type { JobLog } from './job-log.ts'
import { playbookInventory } from './playbook-inventory.ts'
import { longStringsIn, redactor } from './redact.ts'
import { RunFailure, untilAborted } from './run-failure.ts'

export type RunParts = {
  cluster: ClusterPort
  jobs: JobStore
  files: JobFiles
  playbook: string
  sshKey: string
  knownHosts: string
  environment: Record<string, string>
}
/** One run's own: its row, its log, and the signal of its end. */
type Run = { job: Job; log: JobLog; signal: AbortSignal }

const MAX_STAGE = 200

/** Each phase's first stage, and how the reason of its failure begins. */
const PHASES: Record<JobPhase, { stage: string; failure: string }> = {
  prepare: { stage: 'Waiting for the cluster', failure: 'The cluster could not take the machine' },
  configure: { stage: 'Starting Ansible', failure: 'The machine could not be configured' },
  join: { stage: 'Waiting for Consul and Nomad', failure: 'The machine did not join' },
  deploy: { stage: 'Starting the expert', failure: 'The expert did not start' },
}

/**
 * Takes one job through its phases.
 * @throws RunFailure with the reason, or the signal's reason after an abort
 */
export async function runJob(parts: RunParts, run: Run): Promise<void> {
  const machine = { name: run.job.machine, address: run.job.ip_address }
  const work = { signal: run.signal, log: (line: string) => note(parts, run, line) }
  const phase = (name: JobPhase, action: () => Promise<void>) =>
    inPhase(parts, run, { name, action })
  let variables: Record<string, unknown> = {}
  await phase('prepare', async () => {
    await parts.cluster.waitReady(work)
    variables = await parts.cluster.playVariables(machine, work)
    run.log.redactWith(redactor(longStringsIn(variables)))
  })
  await phase('configure', () => configure(parts, run, { machine, variables }))
  await phase('join', () => parts.cluster.waitJoined(machine, work))
  await phase('deploy', () => parts.cluster.deployExpert(machine, work))
}

type Phase = { name: JobPhase; action: () => Promise<void> }

async function inPhase(parts: RunParts, run: Run, { name, action }: Phase): Promise<void> {
  const { stage, failure } = PHASES[name]
  run.signal.throwIfAborted()
  parts.jobs.enterPhase(run.job.id, name, stage)
  run.log.append(`== ${name}: ${stage}`)
  try {
    // Ansible's phase ends by itself, after its processes; a cluster call may be left behind.
    await (name === 'configure' ? action() : untilAborted(action(), run.signal))
  } catch (error) {
    run.signal.throwIfAborted()
    if (error instanceof RunFailure) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new RunFailure(`${failure}: ${message}`, { cause: error })
  }
}

function note(parts: RunParts, run: Run, line: string): void {
  const written = run.log.append(line)
  if (!run.signal.aborted) showStage(parts.jobs, run.job.id, written)
}

/** The stage is for the eye: a disk that is full for a moment must not end a run. */
function showStage(jobs: JobStore, id: string, stage: string): void {
  try {
    jobs.setStage(id, stage.slice(0, MAX_STAGE))
  } catch {}
}

type Play = { machine: ClusterMachine; variables: Record<string, unknown> }

async function configure(parts: RunParts, run: Run, play: Play): Promise<void> {
  const { files, jobs } = parts
  const { id } = run.job
  const target = { ...play.machine, sshKey: parts.sshKey, knownHosts: parts.knownHosts }
  const report = new AnsibleReport()
  try {
    await replaceFile(files.inventory(id), playbookInventory(target))
    await replaceFile(files.variables(id), JSON.stringify(play.variables), 0o600)
    const exitCode = await runPlaybook(
      {
        playbook: parts.playbook,
        folder: path.dirname(parts.playbook),
        inventory: files.inventory(id),
        variables: files.variables(id),
        environment: parts.environment,
      },
      {
        signal: run.signal,
        onStart: (process) => jobs.setProcess(id, process),
        onLine: (line) => {
          const task = report.read(run.log.append(line))
          if (task !== undefined) showStage(jobs, id, task)
        },
      },
    )
    const reason = failureReason(report, exitCode, target)
    if (reason) throw new RunFailure(reason)
  } finally {
    await files.removeVariables(id)
  }
}
