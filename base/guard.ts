import { type ApiKey, type Caller, findKey, type Scope } from './api-keys.ts'
import { AttemptLimit } from './attempt-limit.ts'
import { MusterError } from './errors.ts'

/** Failed keys per source address and minute before 429. */
const FAILED_KEYS_A_MINUTE = 10

/** Decides who is calling from an Authorization header. Fails closed: without keys every key is unknown. */
export class Guard {
  readonly #keys: readonly ApiKey[]
  readonly #failures: AttemptLimit

  constructor(keys: readonly ApiKey[], failedKeysAMinute = FAILED_KEYS_A_MINUTE) {
    this.#keys = keys
    this.#failures = new AttemptLimit(failedKeysAMinute)
  }

  /** The caller behind `Authorization: Bearer <key>`; throws the three 401s, or 429 before the key is looked at. */
  identify(authorization: string | undefined, source: string): Caller {
    if (!authorization) throw new MusterError('key-missing')
    const wait = this.#failures.secondsToWait(source)
    if (wait > 0) throw new MusterError('too-many-attempts', { retryAfter: wait })
    const [scheme, key, ...rest] = authorization.trim().split(/\s+/)
    if (scheme?.toLowerCase() !== 'bearer' || !key || rest.length > 0)
      throw new MusterError('key-malformed')
    return this.identifyKey(key, source)
  }

  /** The caller behind a bare key, counted like any other attempt. */
  identifyKey(key: string, source: string): Caller {
    const wait = this.#failures.secondsToWait(source)
    if (wait > 0) throw new MusterError('too-many-attempts', { retryAfter: wait })
    const found = findKey(this.#keys, key)
    if (found) return found
    this.#failures.count(source)
    throw new MusterError('key-unknown')
  }

  /** A caller that is known but may not: 403 with the scope that is missing. */
  static require(caller: Caller, scope: Scope): void {
    if (!caller.scopes.has(scope)) throw new MusterError('scope-missing', { scope })
  }
}
