import type { Caller, Scope } from '@muster/base/api-keys.ts'
import { AttemptLimit } from '@muster/base/attempt-limit.ts'
import { MusterError } from '@muster/base/errors.ts'
import { Guard } from '@muster/base/guard.ts'
import type { FastifyRequest } from 'fastify'

/** Call-homes without a credential per source address and minute before 429. */
const CALLS_A_MINUTE = 30

type Hook = (request: FastifyRequest) => Promise<void>

/** Who may call what. Both hooks run before the body is read. */
export class Access {
  readonly #guard: Guard
  readonly #calls = new AttemptLimit(CALLS_A_MINUTE)
  readonly #callers = new WeakMap<FastifyRequest, Caller>()

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** The route needs a key with this scope. */
  needs(scope: Scope): Hook {
    return async (request) => this.#identify(request, scope)
  }

  /** The route takes calls without a key, a few a minute; a key that is sent must be right. */
  readonly optionalOperator: Hook = async (request) => {
    if (request.headers.authorization) return this.#identify(request, 'operate')
    const wait = this.#calls.secondsToWait(request.ip)
    if (wait > 0) throw new MusterError('too-many-attempts', { retryAfter: wait })
    this.#calls.count(request.ip)
  }

  hasCaller(request: FastifyRequest): boolean {
    return this.#callers.has(request)
  }

  /** The id of the key that came with a request, for records of who did what. */
  callerId(request: FastifyRequest): string {
    return this.#callers.get(request)?.id ?? 'nobody'
  }

  #identify(request: FastifyRequest, scope: Scope): void {
    const caller = this.#guard.identify(request.headers.authorization, request.ip)
    Guard.require(caller, scope)
    this.#callers.set(request, caller)
  }
}
