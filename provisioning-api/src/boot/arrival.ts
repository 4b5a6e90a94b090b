import type { Acceptance, Acceptor, Target } from '../acceptance.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { type BootParts, currentState, happen, isoNow } from './boot-parts.ts'
import type { Proof } from './call-home-secret.ts'
import type { KnownHosts } from './known-hosts.ts'
import { nextState } from './machine-life.ts'

type Arriving = { acceptor: Acceptor; knownHosts: KnownHosts; boot: BootParts }

/**
 * A machine of network boot calls home: its job and its new state are one commit.
 * @throws MusterError `machine-not-now`, and those of `Acceptor.run`
 */
export async function arrive(
  { acceptor, knownHosts, boot: parts }: Arriving,
  machine: BootMachine,
  { target, proof }: { target: Target; proof: Extract<Proof, 'first' | 'vouched'> },
): Promise<Acceptance> {
  const event = proof === 'first' ? 'called-home' : 'vouched'
  nextState(currentState(parts, machine), event)
  // Another machine, or this one before it was erased, may have had the address with another key.
  await knownHosts.forget([target.address])
  const enrol = () => {
    happen(parts, machine, event, {
      reason: null,
      last_seen: isoNow(parts),
      ...(proof === 'first' ? { secret_used: isoNow(parts), secret_address: target.address } : {}),
    })
    parts.logs.append(machine.id, `called home from ${target.address}`, parts.now())
  }
  return acceptor.run(target, enrol)
}
