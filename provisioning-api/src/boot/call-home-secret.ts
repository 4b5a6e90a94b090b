import { timingSafeEqual } from 'node:crypto'
import { MusterError } from '@muster/base/errors.ts'
import type { CallHome } from '../../contract/call-home.ts'
import { REPEAT_MS, type Target } from '../acceptance.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { sha256Hex } from '../store/grants.ts'

type Secret = CallHome['secret']
export type Caller = {
  target: Target
  secret: Secret
  /** It sent an operator's key. */
  hasKey: boolean
  /** The enrolment window is open for it, or it is known at this address. */
  isKnown: boolean
}
/**
 * What a call-home may do. `open`: as a machine that was installed by hand. `first`: it proved its
 * network boot. `vouched`: a person's key stands for it. `repeated`: nothing, it was heard a moment ago.
 */
export type Proof = 'open' | 'first' | 'vouched' | 'repeated'

/**
 * Whether a call-home is who it says, by name. A name of network boot is never free to take.
 * @throws MusterError `key-missing`, `secret-missing`, `secret-refused`, `machine-retired`
 */
export function proofOf(boot: BootMachine | undefined, caller: Caller, now: number): Proof {
  const { target, secret, hasKey, isKnown } = caller
  if (hasKey) return boot && boot.state !== 'enrolled' ? 'vouched' : 'open'
  if (secret !== undefined) return proofBySecret(boot, { secret, address: target.address, now })
  if (boot?.state === 'retired') throw new MusterError('machine-retired')
  if (boot && boot.state !== 'enrolled') throw new MusterError('secret-missing')
  if (!isKnown) throw new MusterError('key-missing')
  return 'open'
}

function proofBySecret(
  boot: BootMachine | undefined,
  { secret, address, now }: { secret: string; address: string; now: number },
): Proof {
  if (!boot?.secret_hash || !isSame(boot.secret_hash, sha256Hex(secret)))
    throw new MusterError('secret-refused')
  if (boot.secret_used === null) return 'first'
  const lostItsAnswer =
    boot.secret_address === address && now - Date.parse(boot.secret_used) < REPEAT_MS
  if (!lostItsAnswer) throw new MusterError('secret-refused')
  return 'repeated'
}

const isSame = (known: string, presented: string): boolean =>
  timingSafeEqual(Buffer.from(known, 'hex'), Buffer.from(presented, 'hex'))
