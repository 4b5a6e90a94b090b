import { Conversation, type ConversationParts } from './conversation.ts'
import type { Exchange } from './history.ts'

/** Conversations kept in memory; the others wait on disk. */
const IN_MEMORY = 500

/** All conversations, opened from disk when someone asks for one. */
export class Conversations {
  readonly #parts: ConversationParts
  readonly #open = new Map<string, Promise<Conversation>>()
  readonly #live = new Map<string, Conversation>()
  readonly #limit: number

  constructor(parts: ConversationParts, limit = IN_MEMORY) {
    this.#parts = parts
    this.#limit = limit
  }

  /** The conversation of an id that was checked with `ConversationId`. */
  get(id: string): Promise<Conversation> {
    const known = this.#open.get(id)
    if (known) return known
    this.#forgetIdle()
    const opening = this.#read(id)
    this.#open.set(id, opening)
    opening.catch(() => this.#open.delete(id))
    return opening
  }

  /** Those in memory, in the order they were opened. */
  get live(): Conversation[] {
    return [...this.#live.values()]
  }

  /** The histories of all conversations, on disk and in memory. */
  async all(): Promise<Record<string, readonly Exchange[]>> {
    const all: Record<string, readonly Exchange[]> = {}
    for (const id of await this.#parts.store.ids())
      all[id] = this.#live.get(id)?.exchanges ?? (await this.#parts.store.read(id))
    return all
  }

  /** Replaces all histories; a conversation that is not named is emptied. */
  async restore(all: Readonly<Record<string, readonly Exchange[]>>): Promise<void> {
    const ids = new Set([...(await this.#parts.store.ids()), ...Object.keys(all)])
    for (const id of ids) await (await this.get(id)).restore(all[id] ?? [])
  }

  close(): void {
    for (const conversation of this.#live.values()) conversation.close()
    this.#live.clear()
    this.#open.clear()
  }

  async #read(id: string): Promise<Conversation> {
    const conversation = new Conversation(id, await this.#parts.store.read(id), this.#parts)
    this.#live.set(id, conversation)
    return conversation
  }

  #forgetIdle(): void {
    if (this.#live.size < this.#limit) return
    for (const [id, conversation] of this.#live) {
      if (conversation.followed || conversation.state !== 'idle') continue
      conversation.close()
      this.#live.delete(id)
      this.#open.delete(id)
      return
    }
  }
}
