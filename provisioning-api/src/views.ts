import type { Job, StatusJob } from '../contract/job.ts'
import type { MachineState } from '../contract/machine.ts'

/** What a machine is doing, told from its latest job. */
export function machineState(job: Job | undefined): MachineState {
  switch (job?.state) {
    case 'running':
      return job.phase === 'join' ? 'joining' : job.phase === 'deploy' ? 'deploying' : 'configuring'
    case 'success':
      return 'ready'
    case 'failed':
    case 'cancelled':
      return 'failed'
    default:
      return 'enrolled'
  }
}

/** What a machine is doing: until it is enrolled its network boot tells it, then its job. */
export const stateOf = (boot: { state: MachineState } | undefined, job: Job | undefined) =>
  boot && boot.state !== 'enrolled' ? boot.state : machineState(job)

/** The three words of the original's routes; what has not ended counts as running. */
const STATUS = {
  queued: 'running',
  running: 'running',
  interrupted: 'running',
  success: 'success',
  failed: 'failed',
  cancelled: 'failed',
} as const

export function statusView(job: Job, log: string): StatusJob {
  return {
    status: STATUS[job.state],
    state: job.state,
    start_time: job.started ?? job.created,
    end_time: job.ended,
    log,
    job_id: job.id,
  }
}

export const isEnded = (job: Job): boolean => job.state !== 'queued' && job.state !== 'running'
