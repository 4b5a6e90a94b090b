import { MusterError } from '@muster/base/errors.ts'
import type { AcceptRequest } from '../../contract/boot.ts'
import type { BootMachine, Conflict } from '../store/boot-machines.ts'
import { accept, NOTHING_SAID, type Terms } from './acceptance-terms.ts'
import { atomically, type BootParts, currentState, happen } from './boot-parts.ts'
import { requireBuilt } from './built.ts'
import type { Built } from './decision.ts'
import { nextState, stateAfter } from './machine-life.ts'
import { acceptedName } from './names.ts'

type Asked = AcceptRequest & { by: string; built: Built }

/**
 * A person accepts a machine, or confirms that one with a conflict is what it shows. A machine that is
 * installed already is only confirmed: installing it again is `reinstall`.
 * @throws MusterError `machine-not-now`, `boot-not-built`, `name-taken`, `name-fixed`, `processor-unfit`
 */
export function acceptMachine(parts: BootParts, machine: BootMachine, asked: Asked): BootMachine {
  return atomically(parts, () => {
    const confirmed = machine.conflict ? confirm(parts, machine, machine.conflict) : machine
    const state = currentState(parts, machine)
    if (machine.conflict && !stateAfter(state, 'accepted'))
      return happen(parts, confirmed, 'identity-confirmed')
    return accept(parts, confirmed, terms(parts, confirmed, asked))
  })
}

/**
 * A person has a machine erased and installed again.
 * @throws MusterError as `acceptMachine`, and `erase-missing`
 */
export function reinstallMachine(
  parts: BootParts,
  machine: BootMachine,
  asked: Asked,
): BootMachine {
  return atomically(parts, () => {
    nextState(currentState(parts, machine), 'reinstall-asked')
    if (!asked.erase) throw new MusterError('erase-missing')
    const confirmed = machine.conflict ? confirm(parts, machine, machine.conflict) : machine
    return accept(parts, confirmed, terms(parts, confirmed, asked), 'reinstall-asked')
  })
}

/** @throws MusterError `no-network-boot` for a machine that was installed by hand */
export function networkMachine(machine: BootMachine | undefined): BootMachine {
  if (!machine || machine.macs.length === 0) throw new MusterError('no-network-boot')
  return machine
}

function terms(parts: BootParts, machine: BootMachine, { by, built, ...asked }: Asked): Terms {
  requireBuilt(built, asked.mode)
  if (machine.cpu === 'i386') throw new MusterError('processor-unfit')
  return { ...asked, by, name: acceptedName(parts, machine.name, asked.name) }
}

/** The machine is what the request of its conflict showed; others with that conflict are free of it. */
function confirm(parts: BootParts, machine: BootMachine, conflict: Conflict): BootMachine {
  const { bootMachines, grants, logs } = parts
  bootMachines.setMacs(machine.id, [...new Set([...conflict.macs, ...keptMacs(machine, conflict)])])
  for (const other of conflict.others)
    if (other !== machine.id && bootMachines.get(other)?.conflict?.others.includes(machine.id))
      bootMachines.update(other, { conflict: null })
  grants.revoke(machine.id)
  logs.append(machine.id, `confirmed: ${conflict.text}`, parts.now())
  return bootMachines.update(machine.id, {
    conflict: null,
    platform: conflict.platform,
    ...(conflict.uuid ? { uuid: conflict.uuid } : {}),
  })
}

/** A changed board has other cards; the old ones stay only where none of the others replaced them. */
const keptMacs = (machine: BootMachine, conflict: Conflict): string[] =>
  conflict.uuid && machine.uuid !== conflict.uuid ? [] : machine.macs

/**
 * A person ends a machine. Call it inside a transaction.
 * @throws MusterError `machine-not-now` while a run of it waits or goes on
 */
export function retireMachine(parts: BootParts, machine: BootMachine, by: string): BootMachine {
  const nothing = { ...NOTHING_SAID, secret_hash: null, resolved_disk: null }
  const retired = happen(parts, machine, 'retired', nothing)
  parts.grants.revoke(machine.id)
  parts.logs.append(machine.id, `retired by ${by}`, parts.now())
  return retired
}

/** The record of a machine that was installed by hand: network boot knows none of its cards. */
export function recordByHand(parts: BootParts, name: string): BootMachine {
  const empty = {
    uuid: '',
    vendor: '',
    product: '',
    serial: '',
    chip: '',
    platform: null,
    cpu: null,
  }
  return parts.bootMachines.insert({ name, state: 'enrolled', macs: [], ...empty }, parts.now())
}
