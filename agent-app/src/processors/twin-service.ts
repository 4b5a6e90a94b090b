import { MusterError } from '@muster/base/errors.ts'
import type { History, Message } from '../conversation/history.ts'
import { frame, type Outcome, type RunTurnFrame } from '../frames/frame.ts'
import { type FrameContext, type OrderedFrame, Processor } from '../pipeline/processor.ts'

/** The pieces of one answer. It ends normally only when the answer is whole. */
export type Answer = { expert: string; reason: string; text: AsyncIterable<string> }
/** Asks an expert; rejects when none begins to answer. */
export type Ask = (request: {
  messages: readonly Message[]
  expert: string | undefined
  signal: AbortSignal
}) => Promise<Answer>

export type TwinOptions = { history: History; ask: Ask; historyCharacters: number }

/** Takes a user turn to an expert and streams what it says. Every turn ends with one `answer-end`. */
export class TwinService extends Processor {
  readonly name = 'twin-service'
  readonly #options: TwinOptions
  #answering = false

  constructor(options: TwinOptions) {
    super()
    this.#options = options
  }

  get answering(): boolean {
    return this.#answering
  }

  protected process(incoming: OrderedFrame, context: FrameContext): void | Promise<void> {
    if (incoming.type === 'run-turn') {
      this.#answering = true
      return this.#answer(incoming, context).finally(() => {
        this.#answering = false
      })
    }
    context.push(incoming)
  }

  async #answer(turn: RunTurnFrame, { push, signal }: FrameContext): Promise<void> {
    const said: { expert: string | null; text: string } = { expert: null, text: '' }
    const end = (outcome: Outcome, more: { error?: MusterError } = {}) =>
      push(frame('answer-end', { ...said, ...more, turn: turn.turn, outcome, keep: true }))
    try {
      const answer = await this.#ask(turn, signal)
      said.expert = answer.expert
      await push(frame('answer-start', { expert: answer.expert, reason: answer.reason }))
      for await (const text of answer.text) {
        if (signal.aborted) break
        said.text += text
        await push(frame('answer-text', { text }))
      }
      await end(signal.aborted ? 'interrupted' : 'complete')
    } catch (error) {
      if (signal.aborted) await end('interrupted')
      else await end('lost', { error: asExpected(error) })
    }
  }

  #ask(turn: RunTurnFrame, signal: AbortSignal): Promise<Answer> {
    const { history, historyCharacters, ask } = this.#options
    const messages = history.messagesFor(turn.turn, historyCharacters)
    return ask({ messages, expert: turn.expert, signal })
  }
}

const asExpected = (error: unknown): MusterError =>
  error instanceof MusterError ? error : new MusterError('expert-lost', {}, { cause: error })
