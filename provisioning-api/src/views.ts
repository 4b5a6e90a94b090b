import type { Job, StatusJob } from '../contract/job.ts'
import type { Machine, MachineState } from '../contract/machine.ts'
import type { MachineRow } from './store/machines.ts'

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

export function machineView(row: MachineRow, job: Job | undefined): Machine {
  return {
    ...row,
    state: machineState(job),
    stage: job?.stage ?? null,
    reason: job?.state === 'failed' ? job.reason : null,
    job_id: job?.id ?? null,
    actions: ['provision'],
    boot: null,
  }
}

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
