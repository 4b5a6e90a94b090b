import type { History } from '../conversation/history.ts'
import { type AnswerEndFrame, frame } from '../frames/frame.ts'
import { type FrameContext, type OrderedFrame, Processor } from '../pipeline/processor.ts'

/**
 * Puts the answer of a turn into the history, marked as cut unless it is whole; its end, then its
 * error, go on once it is on disk.
 */
export class AnswerRecord extends Processor {
  readonly name = 'answer-record'
  readonly #history: History
  readonly #save: () => Promise<void>

  constructor(history: History, save: () => Promise<void>) {
    super()
    this.#history = history
    this.#save = save
  }

  protected process(incoming: OrderedFrame, context: FrameContext): void | Promise<void> {
    if (incoming.type === 'answer-end') return this.#record(incoming, context)
    context.push(incoming)
  }

  async #record(end: AnswerEndFrame, { push }: FrameContext): Promise<void> {
    const { turn, text, expert, outcome, error } = end
    this.#history.addAnswer(turn, { answer: text, expert, cut: outcome !== 'complete' })
    try {
      await this.#save()
    } finally {
      await push(end)
      if (error) push(frame('error', { error }))
    }
  }
}
