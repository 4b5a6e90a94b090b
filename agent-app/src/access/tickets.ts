import { createHash, randomBytes } from 'node:crypto'
import type { Caller } from '@muster/base/api-keys.ts'

const LIFE_MS = 30_000
const MAX_TICKETS = 10_000

/** What a ticket is good for. `origin` is empty for a client that sends none. */
export type TicketUse = { origin: string; path: string }
type Ticket = TicketUse & { caller: Caller; expires: number }

/** One-time tickets for sockets: a browser cannot send a key with an upgrade. Kept hashed. */
export class Tickets {
  readonly #live = new Map<string, Ticket>()

  mint(caller: Caller, { origin, path }: TicketUse, now = Date.now()): string {
    this.#sweep(now)
    const token = randomBytes(32).toString('base64url')
    this.#live.set(hash(token), { caller, origin, path, expires: now + LIFE_MS })
    return token
  }

  /** The caller behind a ticket. It is gone afterwards, whatever the verdict. */
  redeem(token: string, { origin, path }: TicketUse, now = Date.now()): Caller | undefined {
    const id = hash(token)
    const ticket = this.#live.get(id)
    this.#live.delete(id)
    const good = ticket && ticket.expires > now && ticket.origin === origin && ticket.path === path
    return good ? ticket.caller : undefined
  }

  /** Tickets expire in the order they were made. */
  #sweep(now: number): void {
    for (const [id, { expires }] of this.#live) {
      if (expires > now && this.#live.size < MAX_TICKETS) return
      this.#live.delete(id)
    }
  }
}

const hash = (token: string): string => createHash('sha256').update(token).digest('hex')
