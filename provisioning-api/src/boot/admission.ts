import { MusterError } from '@muster/base/errors.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { accept } from './acceptance-terms.ts'
import { atomically, type BootParts, happen, isoNow } from './boot-parts.ts'
import type { BootQuery } from './boot-query.ts'
import { type Built, type Decision, decide } from './decision.ts'
import { identify, realUuid } from './identity.ts'
import { firstName } from './names.ts'

/** A known machine's `last_seen` is renewed this often: polling machines must not write all the time. */
const SEEN_EVERY_MS = 60_000

export type Admission = { machine: BootMachine; decision: Decision; grant: string | undefined }

/** A machine that asks what to boot, and where its request comes from. */
export type Asking = { query: BootQuery; address: string }

/**
 * A machine asks what to boot. It is recorded when it was never seen, accepted when the window names it,
 * and gets a grant when it is to be installed; nothing else changes.
 * @throws MusterError `too-many-attempts` when one address makes up machine after machine
 */
export function admit(parts: BootParts, asking: Asking, built: Built): Admission {
  const { query } = asking
  const admission = atomically(parts, () => {
    const machine = acceptedByWindow(parts, recorded(parts, asking))
    const decision = decide(machine, query, built)
    const granted = decision.kind === 'live' || decision.kind === 'installer'
    const grant = granted ? parts.grants.mint(machine.id, parts.now()) : undefined
    return { machine, decision, grant }
  })
  const { machine, decision, grant } = admission
  if (grant) parts.logs.append(machine.id, `asked what to boot: ${decision.kind}`, parts.now())
  return admission
}

function recorded(parts: BootParts, asking: Asking): BootMachine {
  const { bootMachines } = parts
  const { query } = asking
  const identity = identify(bootMachines.withMacs(query.macs), query)
  switch (identity.kind) {
    case 'new':
      return discover(parts, asking)
    case 'known':
      return seen(parts, identity.machine, query)
    case 'conflict': {
      const [first] = identity.machines.map((machine) =>
        machine.conflict?.text === identity.conflict.text
          ? machine
          : bootMachines.update(machine.id, { conflict: identity.conflict }),
      )
      return first as BootMachine
    }
  }
}

function discover(parts: BootParts, { query, address }: Asking): BootMachine {
  const wait = parts.newcomers.secondsToWait(address, parts.now())
  if (wait > 0) throw new MusterError('too-many-attempts', { retryAfter: wait })
  parts.newcomers.count(address, parts.now())
  const [mac = ''] = query.macs
  return parts.bootMachines.insert(
    { name: firstName(parts, mac), state: 'discovered', macs: query.macs, ...told(query) },
    parts.now(),
  )
}

function seen(parts: BootParts, machine: BootMachine, query: BootQuery): BootMachine {
  const { bootMachines } = parts
  const renew = parts.now() - Date.parse(machine.last_seen) >= SEEN_EVERY_MS
  const lastSeen = renew ? { last_seen: isoNow(parts) } : {}
  // Until a person accepts it, its record follows what it shows; afterwards it is what was accepted.
  if (machine.state !== 'discovered') return happen(parts, machine, 'seen', lastSeen)
  const macs = [...new Set([...machine.macs, ...query.macs])]
  if (macs.length > machine.macs.length) bootMachines.setMacs(machine.id, macs)
  return happen(parts, machine, 'seen', { ...changed(machine, told(query)), ...lastSeen })
}

const told = (query: BootQuery) => ({
  uuid: realUuid(query.uuid),
  vendor: query.manufacturer,
  product: query.product,
  serial: query.serial,
  platform: query.platform,
  cpu: query.cpu,
  chip: query.chip,
})

/** Only what differs, so that a request that tells nothing new writes nothing. */
const changed = <T extends object>(machine: T & BootMachine, values: Partial<BootMachine>) =>
  Object.fromEntries(
    Object.entries(values).filter(
      ([key, value]) => value !== '' && machine[key as keyof BootMachine] !== value,
    ),
  ) as Partial<Pick<BootMachine, 'uuid' | 'platform' | 'chip'>>

function acceptedByWindow(parts: BootParts, machine: BootMachine): BootMachine {
  const mayBe = machine.state === 'discovered' && !machine.conflict && machine.cpu !== 'i386'
  if (!mayBe) return machine
  const terms = parts.window.admits(machine.macs)
  return terms ? accept(parts, machine, { ...terms, by: `${terms.by} (accept window)` }) : machine
}
