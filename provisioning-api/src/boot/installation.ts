import { MusterError } from '@muster/base/errors.ts'
import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import type { Facts } from '../../contract/hardware.ts'
import type { InstallStage } from '../../contract/machine.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import type { Artefact, Grant } from '../store/grants.ts'
import { cleanLine } from './boot-log.ts'
import { atomically, type BootParts, happen, isoNow } from './boot-parts.ts'
import { type Fitness, fitness } from './fitness.ts'
import type { MachineEvent } from './machine-life.ts'

/** A machine with a grant: the grant, and the address it comes from. */
export type Holder = { grant: string; address: string }

/** @throws MusterError `grant-refused` with a word that says why */
function holderOf(
  parts: BootParts,
  token: string,
  artefact?: Artefact,
): { grant: Grant; machine: BootMachine } {
  const refused = (why: string) => new MusterError('grant-refused', { why })
  const grant = parts.grants.find(token)
  const machine = grant && parts.bootMachines.get(grant.machine)
  if (!grant || !machine) throw refused('unknown')
  if (artefact && grant.used.includes(artefact)) throw refused('used')
  if (grant.revoked) throw refused('revoked')
  if (grant.expires <= parts.now()) throw refused('expired')
  return { grant, machine }
}

type Use = { artefact?: Artefact; event: MachineEvent; change?: Parameters<typeof happen>[3] }

/** Uses a grant for an event of its machine. Call it inside a transaction: both happen, or neither. */
export function useGrant(parts: BootParts, holder: Holder, use: Use): BootMachine {
  const { grant, machine } = holderOf(parts, holder.grant, use.artefact)
  const changed = happen(parts, machine, use.event, { heard: isoNow(parts), ...use.change })
  parts.grants.use(grant, { ...use, address: holder.address, now: parts.now() })
  // The installer is running: what older scripts granted is of a boot that is over.
  if (use.artefact === 'preseed') parts.grants.revoke(machine.id, grant.hash)
  return changed
}

/** The live system told the hardware: whether this machine may be written, and which disk. */
export function reportFacts(
  parts: BootParts,
  holder: Holder,
  { facts, manifest }: { facts: Facts; manifest: BootManifest },
): { machine: BootMachine; fit: Fitness } {
  return atomically(parts, () => {
    const { grant, machine } = holderOf(parts, holder.grant, 'facts')
    const others = parts.bootMachines
      .withMacs(facts.nics.map(({ mac }) => mac))
      .filter(({ id }) => id !== machine.id)
    if (!facts.nics.some(({ mac }) => machine.macs.includes(mac)))
      throw new MusterError('grant-refused', { why: 'other-machine' })
    const fit = fitnessOf(machine, facts, { manifest, others })
    parts.grants.use(grant, { artefact: 'facts', address: holder.address, now: parts.now() })
    parts.grants.revoke(machine.id, 'disk' in fit ? grant.hash : undefined)
    if (others.length === 0) addMacs(parts, machine, facts)
    return { machine: afterFacts(parts, machine, { facts, fit }), fit }
  })
}

function fitnessOf(
  machine: BootMachine,
  facts: Facts,
  { manifest, others }: { manifest: BootManifest; others: BootMachine[] },
): Fitness {
  if (others.length > 0)
    return {
      problem: `One of its network cards belongs to ${others.map(({ name }) => name).join(', ')}. Put it back, or retire and accept the machine that has it.`,
    }
  return fitness(facts, {
    mode: machine.mode ?? 'image',
    disk: machine.disk ?? 'only',
    erase: machine.erase,
    begun: machine.resolved_disk,
    platform: machine.platform,
    imageBytes: manifest.image?.size ?? null,
  })
}

function afterFacts(
  parts: BootParts,
  machine: BootMachine,
  { facts, fit }: { facts: Facts; fit: Fitness },
): BootMachine {
  const heard = { facts, heard: isoNow(parts), percent: null }
  if ('problem' in fit) {
    parts.logs.append(machine.id, `not fit: ${fit.problem}`, parts.now())
    return happen(parts, machine, 'facts-unfit', { ...heard, stage: null, reason: fit.problem })
  }
  parts.logs.append(machine.id, `fit: ${fit.disk.id} may be written`, parts.now())
  const change = { ...heard, stage: 'inspect', resolved_disk: fit.disk.id } as const
  return happen(parts, machine, 'facts-fit', change)
}

/** Cards that firmware and iPXE do not show, like a second one with another driver. */
function addMacs({ bootMachines }: BootParts, machine: BootMachine, { nics }: Facts): void {
  const macs = [...new Set([...machine.macs, ...nics.map(({ mac }) => mac)])]
  if (macs.length > machine.macs.length) bootMachines.setMacs(machine.id, macs)
}

/** A sign of life. */
export function reportProgress(
  parts: BootParts,
  holder: Holder,
  { stage, percent }: { stage: InstallStage; percent?: number | null | undefined },
): void {
  const change = { stage, percent: percent ?? null }
  const before = atomically(parts, () => {
    const { machine } = holderOf(parts, holder.grant)
    useGrant(parts, holder, { event: 'beacon', change })
    return machine
  })
  if (before.stage !== stage) parts.logs.append(before.id, `stage: ${stage}`, parts.now())
}

/**
 * The installation is complete. A repeat by a machine that lost the answer is heard once more.
 * @returns undefined for a repeat
 */
export function reportInstalled(parts: BootParts, holder: Holder): BootMachine | undefined {
  const known = parts.grants.find(holder.grant)
  const repeated = known?.used.includes('installed') && parts.bootMachines.get(known.machine)
  if (repeated && repeated.state === 'installed') return undefined
  return atomically(parts, () => {
    const change = { stage: null, percent: null }
    const use = { artefact: 'installed', event: 'installed', change } as const
    const machine = useGrant(parts, holder, use)
    parts.grants.revoke(machine.id)
    parts.logs.append(machine.id, 'installed', parts.now())
    return machine
  })
}

const MAX_REASON = 500

/** The installation failed and says why. */
export function reportFailure(
  parts: BootParts,
  holder: Holder,
  { reason, log }: { reason: string; log: string },
): void {
  atomically(parts, () => {
    const text = cleanLine(reason).slice(0, MAX_REASON) || 'The installation failed.'
    const change = { reason: text, percent: null, secret_hash: null }
    const machine = useGrant(parts, holder, { event: 'failed', change })
    parts.grants.revoke(machine.id)
    parts.logs.append(machine.id, `${log}\nfailed: ${text}`, parts.now())
  })
}
