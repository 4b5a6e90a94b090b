import type { Facts, Hardware } from '../../contract/hardware.ts'
import type { Job } from '../../contract/job.ts'
import {
  installStages,
  type Machine,
  type MachineAction,
  type MachineBoot,
  type MachineState,
} from '../../contract/machine.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import type { MachineRow } from '../store/machines.ts'
import { stateOf } from '../views.ts'
import { cpuVariant } from './cpu-variant.ts'
import { silenceNote } from './deadlines.ts'
import { type MachineEvent, stateAfter } from './machine-life.ts'

/** All that is known of one machine: it called home, or was seen at its network boot, or both. */
export type Known = {
  row: MachineRow | undefined
  boot: BootMachine | undefined
  job: Job | undefined
  /** Names of other machines with the same SMBIOS UUID. */
  twins: readonly string[]
}

/** A machine for people. */
export function machineView({ row, boot, job, twins }: Known, now: number): Machine {
  const state = stateOf(boot, job)
  const byJob = !boot || boot.state === 'enrolled'
  const said = byJob
    ? { stage: job?.stage ?? null, reason: job?.state === 'failed' ? job.reason : null }
    : { stage: bootStage(boot, now), reason: boot.reason }
  return {
    name: boot?.name ?? row?.name ?? '',
    ip_address: row?.ip_address ?? null,
    state,
    ...said,
    job_id: byJob ? (job?.id ?? null) : null,
    first_seen: earliest(boot?.first_seen, row?.first_seen),
    last_seen: latest(boot?.last_seen, row?.last_seen),
    previous_addresses: row?.previous_addresses ?? [],
    actions: actionsOf(state, boot),
    boot: boot ? bootView(boot, twins) : null,
  }
}

function bootStage(boot: BootMachine, now: number): string | null {
  const stage = boot.stage ? installStages[boot.stage] : undefined
  return [stage, silenceNote(boot, now)].filter(Boolean).join('; ') || null
}

const EVENTS: Record<Exclude<MachineAction, 'provision'>, MachineEvent> = {
  accept: 'accepted',
  reinstall: 'reinstall-asked',
  retire: 'retired',
}

function actionsOf(state: MachineState, boot: BootMachine | undefined): MachineAction[] {
  const may = (event: MachineEvent) => stateAfter(state, event) !== undefined
  const onNetwork = boot !== undefined && boot.macs.length > 0 && boot.cpu !== 'i386'
  const possible: Record<MachineAction, boolean> = {
    accept: onNetwork && (may(EVENTS.accept) || boot.conflict !== null),
    reinstall: onNetwork && may(EVENTS.reinstall),
    retire: may(EVENTS.retire),
    provision: mayProvision(state, boot),
  }
  return (Object.keys(possible) as MachineAction[]).filter((action) => possible[action])
}

/** A run needs an installed system: one whose last step was a call-home. */
const mayProvision = (state: MachineState, boot: BootMachine | undefined): boolean =>
  (!boot || boot.state === 'enrolled') && (state === 'ready' || state === 'failed')

function bootView(boot: BootMachine, twins: readonly string[]): MachineBoot {
  return {
    id: boot.id,
    macs: boot.macs,
    platform: boot.platform,
    product: { vendor: boot.vendor, name: boot.product, serial: boot.serial, uuid: boot.uuid },
    mode: boot.mode,
    disk: boot.disk,
    erase: boot.erase,
    accepted_by: boot.accepted_by,
    resolved_disk: boot.resolved_disk,
    percent: boot.percent,
    hardware: boot.facts ? hardwareOf(boot.facts) : null,
    boot_binary: boot.boot_binary,
    conflict: boot.conflict?.text ?? null,
    hints: hintsOf(boot, twins),
  }
}

function hardwareOf({ cpu: { flags, ...cpu }, ...facts }: Facts): Hardware {
  return { ...facts, cpu: { ...cpu, variant: cpuVariant(flags) } }
}

const hintsOf = ({ cpu }: BootMachine, twins: readonly string[]): string[] => [
  ...(cpu === 'i386' ? ['Its processor cannot run 64-bit Debian 13.'] : []),
  ...(twins.length > 0 ? [`Its UUID is also that of ${twins.join(', ')}.`] : []),
]

/** RFC 3339 in UTC sorts as text. */
const earliest = (...times: (string | undefined)[]): string => times.filter(Boolean).sort()[0] ?? ''
const latest = (...times: (string | undefined)[]): string =>
  times.filter(Boolean).sort().at(-1) ?? ''
