import type { DatabaseSync } from 'node:sqlite'
import type { ProcessId } from '@muster/base/process-id.ts'
import { ulid } from 'ulid'
import { Job, type JobPhase, type JobState } from '../../contract/job.ts'
import { isUniqueViolation, transaction } from './database.ts'

/** Jobs that lists show; the log and the row of an older one stay reachable by id. */
const LIST_LIMIT = 500

const now = (): string => new Date().toISOString()

/**
 * The durable queue. A job is first reserved (invisible, but it holds the machine's one place),
 * and counts only once it is accepted; a reservation that a crash left over is dropped.
 */
export class JobStore {
  readonly #database: DatabaseSync
  readonly #reserved = new Set<string>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Takes the machine's one place; undefined when it has an active job. */
  reserve(machine: string, address: string): string | undefined {
    const id = `${machine}-${ulid().toLowerCase()}`
    try {
      transaction(this.#database, () => {
        this.#dropLeftovers(machine)
        this.#insert({ id, machine, address, accepted: 0 })
      })
    } catch (error) {
      if (isUniqueViolation(error)) return undefined
      throw error
    }
    this.#reserved.add(id)
    return id
  }

  /** From here on the job is the server's promise. Call it inside the transaction that records the machine. */
  accept(id: string): void {
    this.#database.prepare('UPDATE jobs SET accepted = 1 WHERE id = ?').run(id)
  }

  /** Gives the place back. Safe to call for an accepted job: that one stays. */
  release(id: string): void {
    this.#reserved.delete(id)
    this.#database.prepare('DELETE FROM jobs WHERE id = ? AND accepted = 0').run(id)
  }

  get(id: string): Job | undefined {
    return this.#one('WHERE id = ? AND accepted = 1', id)
  }

  latestOf(machine: string): Job | undefined {
    return this.#one('WHERE machine = ? AND accepted = 1 ORDER BY sequence DESC LIMIT 1', machine)
  }

  /** The latest job of each machine. */
  latest(): Job[] {
    return this.#many(`WHERE sequence IN
      (SELECT MAX(sequence) FROM jobs WHERE accepted = 1 GROUP BY machine) ORDER BY machine`)
  }

  /** Newest first. */
  list(): Job[] {
    return this.#many(`WHERE accepted = 1 ORDER BY sequence DESC LIMIT ${LIST_LIMIT}`)
  }

  /** Takes the oldest queued job and marks it running. */
  takeNext(): Job | undefined {
    const next = this.#one("WHERE state = 'queued' AND accepted = 1 ORDER BY sequence LIMIT 1")
    if (!next) return undefined
    this.#database
      .prepare("UPDATE jobs SET state = 'running', started = ? WHERE id = ?")
      .run(now(), next.id)
    return this.get(next.id)
  }

  enterPhase(id: string, phase: JobPhase, stage: string): void {
    this.#database
      .prepare('UPDATE jobs SET phase = ?, stage = ?, pid = NULL, pid_start = NULL WHERE id = ?')
      .run(phase, stage, id)
  }

  setStage(id: string, stage: string): void {
    this.#database.prepare('UPDATE jobs SET stage = ? WHERE id = ?').run(stage, id)
  }

  setProcess(id: string, { pid, start }: ProcessId): void {
    this.#database
      .prepare('UPDATE jobs SET pid = ?, pid_start = ? WHERE id = ?')
      .run(pid, start, id)
  }

  end(id: string, state: JobState, reason: string | null): void {
    this.#database
      .prepare(
        `UPDATE jobs SET state = ?, reason = ?, ended = ?, pid = NULL, pid_start = NULL
         WHERE id = ? AND state = 'running'`,
      )
      .run(state, reason, now(), id)
  }

  /** The recorded processes of jobs that a dead server left running. */
  recordedProcesses(): ProcessId[] {
    const rows = this.#database
      .prepare("SELECT pid, pid_start FROM jobs WHERE state = 'running' AND pid IS NOT NULL")
      .all()
    return rows.map((row) => ({ pid: Number(row.pid), start: String(row.pid_start) }))
  }

  /**
   * After a restart: running jobs become `interrupted`, and each machine whose latest job was
   * interrupted gets a new one, because a 202 is never called again. Returns the new ids.
   */
  requeueInterrupted(): string[] {
    return transaction(this.#database, () => {
      this.#database
        .prepare(
          `UPDATE jobs SET state = 'interrupted', ended = ?, pid = NULL, pid_start = NULL,
           reason = 'The provisioning server stopped during this run. A new run was queued.'
           WHERE state = 'running'`,
        )
        .run(now())
      return this.latest()
        .filter((job) => job.state === 'interrupted')
        .map((job) => this.#requeue(job))
    })
  }

  /** Reservations of a dead process; only its successor may call this, before it takes calls. */
  dropUnaccepted(): void {
    this.#database.exec('DELETE FROM jobs WHERE accepted = 0')
  }

  #requeue({ machine, ip_address: address }: Job): string {
    this.#dropLeftovers(machine)
    const id = `${machine}-${ulid().toLowerCase()}`
    this.#insert({ id, machine, address, accepted: 1 })
    return id
  }

  #insert(row: { id: string; machine: string; address: string; accepted: 0 | 1 }): void {
    this.#database
      .prepare(
        `INSERT INTO jobs (id, machine, ip_address, state, accepted, created)
         VALUES (?, ?, ?, 'queued', ?, ?)`,
      )
      .run(row.id, row.machine, row.address, row.accepted, now())
  }

  /** A reservation whose release failed (a full disk) must not block its machine for ever. */
  #dropLeftovers(machine: string): void {
    const rows = this.#database
      .prepare('SELECT id FROM jobs WHERE machine = ? AND accepted = 0')
      .all(machine)
    for (const { id } of rows) if (!this.#reserved.has(String(id))) this.release(String(id))
  }

  #one(where: string, ...values: string[]): Job | undefined {
    const row = this.#database.prepare(`SELECT * FROM jobs ${where}`).get(...values)
    return row ? Job.parse(row) : undefined
  }

  #many(where: string): Job[] {
    const rows = this.#database.prepare(`SELECT * FROM jobs ${where}`).all()
    return rows.map((row) => Job.parse(row))
  }
}
