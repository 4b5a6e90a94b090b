import type { DatabaseSync } from 'node:sqlite'
import { type ErrorCode, MusterError } from '@muster/base/errors.ts'
import type { Job } from '../contract/job.ts'
import type { Inventory } from './inventory/inventory.ts'
import { isDatabaseFull, transaction } from './store/database.ts'
import type { JobStore } from './store/jobs.ts'
import type { MachineStore } from './store/machines.ts'

/** A repeat of a call this soon after success is the client that lost its first answer. */
export const REPEAT_MS = 10 * 60_000

export type Target = { name: string; address: string }
export type Acceptance =
  | { outcome: 'accepted'; jobId: string }
  | { outcome: 'busy' }
  | { outcome: 'repeated' }

type Parts = {
  database: DatabaseSync
  machines: MachineStore
  jobs: JobStore
  inventory: Inventory
  wakeQueue: () => void
}

/** Turns a call into a durable job: row, then inventory, then the promise. */
export class Acceptor {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A machine calls home: a repeat after success is acknowledged without a second run. */
  async callHome(target: Target): Promise<Acceptance> {
    if (!isRepeat(this.#parts.jobs.latestOf(target.name), target)) return this.run(target)
    withRow(() => this.#parts.machines.record(target.name, target.address))
    return { outcome: 'repeated' }
  }

  /**
   * Queues a run.
   * @param alongside changes of the store that belong to the same commit
   * @throws MusterError `disk-full`, `inventory-locked`, `inventory-unreadable` or `store-failed`; then nothing was accepted
   */
  async run(target: Target, alongside = () => {}): Promise<Acceptance> {
    const { jobs, inventory, wakeQueue } = this.#parts
    const jobId = withRow(() => jobs.reserve(target.name, target.address))
    if (jobId === undefined) return { outcome: 'busy' }
    try {
      await inventory.setHost(target.name, target.address)
      this.#accept(jobId, target, alongside)
    } catch (error) {
      throw asStoreFailure(error)
    } finally {
      this.#release(jobId)
    }
    wakeQueue()
    return { outcome: 'accepted', jobId }
  }

  #accept(jobId: string, { name, address }: Target, alongside: () => void): void {
    const { database, machines, jobs } = this.#parts
    transaction(database, () => {
      machines.record(name, address)
      jobs.accept(jobId)
      alongside()
    })
  }

  /** A release that fails is repaired by the next reservation; the first error is the one to tell. */
  #release(jobId: string): void {
    try {
      this.#parts.jobs.release(jobId)
    } catch {}
  }
}

export function isRepeat(latest: Job | undefined, target: Target, now = Date.now()): boolean {
  return (
    latest?.state === 'success' &&
    latest.ip_address === target.address &&
    latest.ended !== null &&
    now - Date.parse(latest.ended) < REPEAT_MS
  )
}

function withRow<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStoreFailure(error)
  }
}

function asStoreFailure(error: unknown): MusterError {
  if (error instanceof MusterError) return error
  const { code } = error as NodeJS.ErrnoException
  const full = code === 'ENOSPC' || code === 'EDQUOT' || isDatabaseFull(error)
  const row: ErrorCode = full ? 'disk-full' : 'store-failed'
  return new MusterError(row, {}, { cause: error })
}
