import type { BootMachine } from '../store/boot-machines.ts'
import type { BootQuery } from './boot-query.ts'
import { isToBeInstalled } from './identity.ts'

/** What a machine boots. `wait`, `local` and `refuse` all start its own disk first. */
export type Decision =
  | { kind: 'local' }
  | { kind: 'wait' }
  | { kind: 'live' }
  | { kind: 'installer' }
  | { kind: 'refuse'; reason: string }

/** Which parts of network boot are there to be served. */
export type Built = { live: boolean; image: boolean; installer: boolean }

type Machine = Pick<BootMachine, 'state' | 'mode' | 'resolved_disk' | 'conflict'>
type Request = Pick<BootQuery, 'cpu'>

/** Decides from what is recorded; deciding changes nothing. */
export function decide(machine: Machine, request: Request, built: Built): Decision {
  if (request.cpu === 'i386')
    return { kind: 'refuse', reason: 'this processor cannot run 64-bit Debian 13' }
  // A machine with a system of its own starts it, whoever else shows its cards.
  const wantsMore = machine.state === 'discovered' || isToBeInstalled(machine)
  if (machine.conflict && wantsMore) return { kind: 'refuse', reason: machine.conflict.text }
  switch (machine.state) {
    case 'discovered':
      return { kind: 'wait' }
    case 'accepted':
    case 'reinstall':
      return inspect(built)
    case 'installing':
      return machine.mode === 'package' && machine.resolved_disk ? install(built) : inspect(built)
    default:
      return { kind: 'local' }
  }
}

const NOT_BUILT = 'nothing is built to install it with. Run: npm run muster -- boot build'

const inspect = ({ live }: Built): Decision =>
  live ? { kind: 'live' } : { kind: 'refuse', reason: NOT_BUILT }

const install = ({ installer }: Built): Decision =>
  installer ? { kind: 'installer' } : { kind: 'refuse', reason: NOT_BUILT }
