import type { History } from '../conversation/history.ts'
import { type FrameContext, type OrderedFrame, Processor } from '../pipeline/processor.ts'

/** Puts the answer of a turn into the history, marked as cut unless it is whole; its end goes on once it is on disk. */
export class AnswerRecord extends Processor {
  readonly name = 'answer-record'
  readonly #history: History
  readonly #save: () => Promise<void>

  constructor(history: History, save: () => Promise<void>) {
    super()
    this.#history = history
    this.#save = save
  }

  protected process(incoming: OrderedFrame, { push }: FrameContext): void | Promise<void> {
    if (incoming.type !== 'answer-end') {
      push(incoming)
      return
    }
    const { turn, text, expert, outcome } = incoming
    this.#history.addAnswer(turn, { answer: text, expert, cut: outcome !== 'complete' })
    return this.#save().finally(() => push(incoming))
  }
}
