import type { DatabaseSync } from 'node:sqlite'
import type { AttemptLimit } from '@muster/base/attempt-limit.ts'
import type { MachineState } from '../../contract/machine.ts'
import type { BootMachine, BootMachineStore } from '../store/boot-machines.ts'
import { transaction } from '../store/database.ts'
import type { GrantStore } from '../store/grants.ts'
import type { JobStore } from '../store/jobs.ts'
import type { MachineStore } from '../store/machines.ts'
import { stateOf } from '../views.ts'
import type { AcceptWindowStore } from './accept-window.ts'
import type { BootLogs } from './boot-log.ts'
import { type MachineEvent, nextState } from './machine-life.ts'

/** What the parts of network boot share. `now` is in milliseconds since 1970. */
export type BootParts = {
  database: DatabaseSync
  bootMachines: BootMachineStore
  machines: MachineStore
  jobs: JobStore
  grants: GrantStore
  window: AcceptWindowStore
  logs: BootLogs
  /** Machines never seen before, by the address that shows them: making them up must not keep the disk busy. */
  newcomers: AttemptLimit
  now: () => number
}

type Change = Parameters<BootMachineStore['update']>[1]

/** The state people see: from `enrolled` on, the machine's job tells it. */
export const currentState = (
  { jobs }: Pick<BootParts, 'jobs'>,
  machine: BootMachine,
): MachineState => stateOf(machine, jobs.latestOf(machine.name))

/**
 * Lets an event happen to a machine. Call it inside a transaction.
 * @throws MusterError `machine-not-now` when it may not happen in the machine's state; then nothing changed
 */
export function happen(
  parts: BootParts,
  machine: BootMachine,
  event: MachineEvent,
  change: Change = {},
): BootMachine {
  const before = currentState(parts, machine)
  const state = nextState(before, event)
  // What a job tells is not stored: the record stays `enrolled` under it.
  const moved = state === before ? {} : { state }
  return parts.bootMachines.update(machine.id, { ...moved, ...change })
}

export const isoNow = ({ now }: Pick<BootParts, 'now'>): string => new Date(now()).toISOString()

/** All of `work` or nothing of it, on disk when it returns. */
export const atomically = <T>({ database }: Pick<BootParts, 'database'>, work: () => T): T =>
  transaction(database, work)
