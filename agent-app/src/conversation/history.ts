import { randomUUID } from 'node:crypto'
import { z } from 'zod'

/** One turn of a person and what was answered. `cut` = the answer is not whole. */
export const Exchange = z.object({
  id: z.string(),
  user: z.string(),
  answer: z.string().nullable(),
  expert: z.string().nullable(),
  cut: z.boolean(),
})
export type Exchange = z.infer<typeof Exchange>

export const HistoryFile = z.object({ version: z.literal(1), exchanges: z.array(Exchange) })
export type HistoryFile = z.infer<typeof HistoryFile>

export type Message = { role: 'system' | 'user' | 'assistant'; content: string }

/** Exchanges kept on disk per conversation. */
const MAX_EXCHANGES = 200

/**
 * The turns of one conversation. An answer is stored with the turn it belongs to, so the order
 * is right however late an interrupted answer ends.
 */
export class History {
  #exchanges: Exchange[]

  constructor(exchanges: readonly Exchange[] = []) {
    this.#exchanges = exchanges.map(closed)
  }

  /** Adds a person's turn and returns its id. */
  addUser(user: string): string {
    const id = randomUUID()
    this.#exchanges.push({ id, user, answer: null, expert: null, cut: false })
    this.#exchanges = this.#exchanges.slice(-MAX_EXCHANGES)
    return id
  }

  /** Stores the answer of a turn; a turn that is gone is ignored. */
  addAnswer(id: string, answer: Pick<Exchange, 'answer' | 'expert' | 'cut'>): void {
    this.#exchanges = this.#exchanges.map((each) =>
      each.id === id ? { ...each, ...answer } : each,
    )
  }

  replace(exchanges: readonly Exchange[]): void {
    this.#exchanges = exchanges.map(closed)
  }

  get exchanges(): readonly Exchange[] {
    return this.#exchanges
  }

  toFile(): HistoryFile {
    return { version: 1, exchanges: this.#exchanges }
  }

  /**
   * The messages an expert gets for a turn: that turn and as many whole exchanges before it as
   * fit into `budget` characters, oldest left out first.
   */
  messagesFor(id: string, budget: number): Message[] {
    const at = this.#exchanges.findIndex((each) => each.id === id)
    const turn = this.#exchanges[at]
    if (!turn) return []
    const chosen: Exchange[] = []
    let used = turn.user.length
    for (const each of this.#exchanges.slice(0, at).reverse()) {
      used += each.user.length + (each.answer?.length ?? 0)
      if (used > budget) break
      chosen.unshift(each)
    }
    return [...chosen.flatMap(toMessages), { role: 'user', content: turn.user }]
  }
}

const toMessages = ({ user, answer }: Exchange): Message[] => [
  { role: 'user', content: user },
  ...(answer ? [{ role: 'assistant' as const, content: answer }] : []),
]

/** A turn that was open when the process ended has no answer any more. */
const closed = (exchange: Exchange): Exchange =>
  exchange.answer === null ? { ...exchange, answer: '', cut: true } : exchange
