import { MusterError } from '@muster/base/errors.ts'
import type { MachineState } from '../../contract/machine.ts'

type Ways = Partial<Record<MachineState, MachineState>>

/** The same answer for several states. */
const all = (states: string, to?: MachineState): Ways =>
  Object.fromEntries(states.split(' ').map((state) => [state, to ?? state]))

const RUNNING = 'enrolled configuring joining deploying'
const WITH_GRANT = 'accepted reinstall installing'

/**
 * What may happen to a machine, and the state it has afterwards. What is not here is refused.
 * From `enrolled` on, the states up to `ready` (and a `failed` run) follow its job.
 */
const LIFE = {
  /** It asked what to boot. Serving it anything changes nothing. */
  seen: all(`discovered ${WITH_GRANT} installed ${RUNNING} ready failed retired`),
  /** A person, or the accept window, lets it be installed. */
  accepted: {
    ...all('discovered failed retired', 'accepted'),
    accepted: 'accepted',
    reinstall: 'reinstall',
  },
  /** A person says that changed hardware is this machine; nothing is installed by that. */
  'identity-confirmed': all(`installing installed ${RUNNING} ready`),
  'reinstall-asked': all('installed ready failed reinstall', 'reinstall'),
  /** Its live system may write the disk that was chosen. */
  'facts-fit': all(WITH_GRANT, 'installing'),
  'facts-unfit': all(WITH_GRANT, 'failed'),
  /** A sign of life with a grant. */
  beacon: all(WITH_GRANT),
  /** A part of the installation was fetched. */
  fetched: all('installing'),
  installed: all('installing', 'installed'),
  /** Its installation said so itself. */
  failed: all(WITH_GRANT, 'failed'),
  /** Silent for too long. */
  'deadline-passed': all('installing installed', 'failed'),
  /** With its one-time secret, or again after that. A late call heals a passed deadline. */
  'called-home': all(`installed ${RUNNING} ready failed`, 'enrolled'),
  /** Called home with an operator's key: a person installed it by hand. */
  vouched: all(`discovered installed ${RUNNING} ready failed retired`, 'enrolled'),
  retired: all(`discovered ${WITH_GRANT} installed ready failed retired`, 'retired'),
} as const satisfies Record<string, Ways>

export type MachineEvent = keyof typeof LIFE
export const machineEvents = Object.keys(LIFE) as MachineEvent[]

/** The state after an event, undefined when it may not happen. */
export const stateAfter = (state: MachineState, event: MachineEvent): MachineState | undefined =>
  (LIFE[event] as Ways)[state]

/** @throws MusterError `machine-not-now` when the event may not happen in this state */
export function nextState(state: MachineState, event: MachineEvent): MachineState {
  const next = stateAfter(state, event)
  if (!next) throw new MusterError('machine-not-now', { state, event })
  return next
}
