import type { Logger } from 'pino'
import type { Job } from '../../contract/job.ts'
import { recordFailure } from '../todo.ts'
import { JobLog, readTail } from './job-log.ts'
import { endFamily } from './process-tree.ts'
import { type RunParts, runJob } from './run-job.ts'

type Settings = {
  maxRuns: number
  /** One run may take this long, all phases together. */
  limitMinutes: number
  todoFile: string
  logger: Logger
}

const RETRY_MS = 1000
const CLOSING = new Error('closing')
type Ending = { state: 'success' | 'failed' | 'interrupted'; reason: string | null }

/** Runs accepted jobs, oldest first, a few at a time. */
export class JobQueue {
  readonly #parts: RunParts
  readonly #settings: Settings
  readonly #closing = new AbortController()
  readonly #runs = new Set<Promise<void>>()
  #started = false
  #retry: NodeJS.Timeout | undefined

  constructor(parts: RunParts, settings: Settings) {
    this.#parts = parts
    this.#settings = settings
  }

  /** Clears up after a server that was killed, then begins to take jobs. */
  async start(): Promise<void> {
    const { jobs, files } = this.#parts
    await Promise.all(jobs.recordedProcesses().map((leader) => endFamily(leader)))
    await files.removeAllVariables()
    for (const job of jobs.requeueInterrupted())
      this.#settings.logger.warn({ job }, 'A run was interrupted by a restart; it is queued again.')
    this.#started = true
    this.wake()
  }

  /** Looks for queued jobs now. */
  wake(): void {
    clearTimeout(this.#retry)
    try {
      while (this.#mayTake()) {
        const job = this.#parts.jobs.takeNext()
        if (!job) return
        const run = this.#run(job).finally(() => {
          this.#runs.delete(run)
          this.wake()
        })
        this.#runs.add(run)
      }
    } catch (error) {
      this.#settings.logger.error(error, 'The queue could not be read; trying again.')
      this.#retry = setTimeout(() => this.wake(), RETRY_MS)
    }
  }

  /** Takes no more jobs and ends the running ones; the next start queues them again. */
  async close(): Promise<void> {
    this.#closing.abort(CLOSING)
    clearTimeout(this.#retry)
    while (this.#runs.size > 0) await Promise.all(this.#runs)
  }

  #mayTake(): boolean {
    return (
      this.#started && !this.#closing.signal.aborted && this.#runs.size < this.#settings.maxRuns
    )
  }

  async #run(job: Job): Promise<void> {
    const log = this.#openLog(job)
    const ending = log ? await this.#attempt(job, log) : NO_LOG
    if (ending.reason) log?.append(`== ${ending.state}: ${ending.reason}`)
    log?.close()
    await this.#persist(job, ending)
    this.#settings.logger.info({ job: job.id, ...ending }, 'run ended')
    if (ending.state === 'failed') await this.#addToTodo(job.id, ending.reason ?? '')
  }

  #openLog(job: Job): JobLog | undefined {
    try {
      return new JobLog(this.#parts.files.log(job.id))
    } catch (error) {
      this.#settings.logger.error(error, 'The log of a job could not be opened.')
      return undefined
    }
  }

  async #attempt(job: Job, log: JobLog): Promise<Ending> {
    const { limitMinutes } = this.#settings
    const timeout = AbortSignal.timeout(limitMinutes * 60_000)
    const signal = AbortSignal.any([this.#closing.signal, timeout])
    try {
      await runJob(this.#parts, { job, log, signal })
      return { state: 'success', reason: null }
    } catch (error) {
      if (this.#closing.signal.aborted)
        return { state: 'interrupted', reason: 'The provisioning server was stopped.' }
      const phase = this.#parts.jobs.get(job.id)?.phase ?? 'prepare'
      const reason = timeout.aborted
        ? `Timed out after ${limitMinutes} minutes in the phase "${phase}". The log shows how far it came; set MUSTER_JOB_MINUTES higher if it needs longer, then run again.`
        : messageOf(error)
      return { state: 'failed', reason: log.clean(reason) }
    }
  }

  /** A row that cannot be written now (a full disk) is written later: a job never stays running without a run. */
  async #persist(job: Job, ending: Ending): Promise<void> {
    for (;;) {
      try {
        return this.#parts.jobs.end(job.id, ending.state, ending.reason)
      } catch (error) {
        this.#settings.logger.error(error, 'The end of a job could not be recorded.')
        if (this.#closing.signal.aborted) return
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async #addToTodo(id: string, reason: string): Promise<void> {
    try {
      const job = this.#parts.jobs.get(id)
      const log = await readTail(this.#parts.files.log(id))
      if (job) await recordFailure(this.#settings.todoFile, { job, reason, log })
    } catch (error) {
      this.#settings.logger.error(error, 'The failure could not be added to TODO.md.')
    }
  }
}

const NO_LOG: Ending = {
  state: 'failed',
  reason:
    'The log of this run could not be opened. Check the disk and the state folder, then run again.',
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
