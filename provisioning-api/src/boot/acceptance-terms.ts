import type { Installation } from '../../contract/boot.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { type BootParts, happen } from './boot-parts.ts'
import type { MachineEvent } from './machine-life.ts'

/** How a machine is to be installed, its name, and the id of the key that says so. */
export type Terms = Installation & { by: string; name?: string }

/**
 * Lets a machine be installed at its next boot. What an earlier acceptance left is void: its grants, its
 * secret, the disk it began to write. Call it inside a transaction.
 */
export function accept(
  parts: BootParts,
  machine: BootMachine,
  terms: Terms,
  event: Extract<MachineEvent, 'accepted' | 'reinstall-asked'> = 'accepted',
): BootMachine {
  const { mode, disk, erase, by, name = machine.name } = terms
  const accepted = happen(parts, machine, event, {
    name,
    mode,
    disk,
    erase,
    accepted_by: by,
    resolved_disk: null,
    ...NOTHING_SAID,
    secret_hash: null,
    secret_used: null,
    secret_address: null,
  })
  parts.grants.revoke(machine.id)
  const how = `mode ${mode}, disk ${disk}, erase ${erase ? 'yes' : 'no'}`
  parts.logs.append(machine.id, `${event} by ${by}: ${name}, ${how}`, parts.now())
  return accepted
}

/** What an installation says of itself, before it begins. */
export const NOTHING_SAID = { reason: null, stage: null, percent: null, heard: null } as const
