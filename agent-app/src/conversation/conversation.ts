import type { Frame } from '../frames/frame.ts'
import { frame } from '../frames/frame.ts'
import { Pipeline } from '../pipeline/pipeline.ts'
import type { Observer } from '../pipeline/processor.ts'
import { AnswerRecord } from '../processors/answer-record.ts'
import { type Ask, TwinService } from '../processors/twin-service.ts'
import { UserTurn } from '../processors/user-turn.ts'
import { type Exchange, History } from './history.ts'
import type { HistoryStore } from './history-store.ts'

export type ConversationParts = {
  store: HistoryStore
  ask: Ask
  /** How much history an expert gets, in characters. */
  historyCharacters: number
  observers?: readonly Observer[]
}

export type Listener = (frame: Frame) => void

/** One conversation: its history, its pipeline, and everyone who follows it. */
export class Conversation {
  readonly id: string
  readonly #history: History
  readonly #store: HistoryStore
  readonly #pipeline: Pipeline
  readonly #listeners = new Set<Listener>()
  readonly #twin: TwinService

  constructor(id: string, exchanges: readonly Exchange[], parts: ConversationParts) {
    this.id = id
    this.#store = parts.store
    this.#history = new History(exchanges)
    const save = () => this.#store.write(id, this.#history.toFile())
    this.#twin = new TwinService({ ...parts, history: this.#history })
    this.#pipeline = new Pipeline(
      [new UserTurn(this.#history, save), this.#twin, new AnswerRecord(this.#history, save)],
      (arrived) => this.#emit(arrived),
      { observers: parts.observers ?? [] },
    )
    this.#pipeline.start()
  }

  get state(): 'idle' | 'answering' {
    return this.#twin.answering ? 'answering' : 'idle'
  }

  get followed(): boolean {
    return this.#listeners.size > 0
  }

  get exchanges(): readonly Exchange[] {
    return this.#history.exchanges
  }

  /** Follows the frames that come out; returns how to stop. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A person's turn; it waits for the turns before it. Blank text is ignored. */
  say(text: string, expert?: string): void {
    if (text.trim() === '') return
    this.#pipeline.push(frame('user-text', { text, expert, keep: true }))
  }

  /** Stops the answer in progress; resolves when its end is recorded. */
  async interrupt(): Promise<void> {
    this.#pipeline.interrupt()
    await this.#pipeline.flush()
  }

  /** Replaces the history, on disk too, after stopping what is in progress. */
  async restore(exchanges: readonly Exchange[]): Promise<void> {
    await this.interrupt()
    this.#history.replace(exchanges)
    await this.#store.write(this.id, this.#history.toFile())
  }

  close(): void {
    this.#pipeline.cancel()
    this.#listeners.clear()
  }

  #emit(arrived: Frame): void {
    for (const listener of this.#listeners) listener(arrived)
  }
}
