import type { History } from '../conversation/history.ts'
import { frame } from '../frames/frame.ts'
import { type FrameContext, type OrderedFrame, Processor } from '../pipeline/processor.ts'

/** Puts what a person said into the history; the turn goes on once it is on disk. */
export class UserTurn extends Processor {
  readonly name = 'user-turn'
  readonly #history: History
  readonly #save: () => Promise<void>

  constructor(history: History, save: () => Promise<void>) {
    super()
    this.#history = history
    this.#save = save
  }

  protected async process(incoming: OrderedFrame, { push }: FrameContext): Promise<void> {
    if (incoming.type !== 'user-text') return void (await push(incoming))
    const { text, expert } = incoming
    const turn = this.#history.addUser(text)
    await this.#save()
    await push(frame('user-turn', { turn, text, keep: true }))
    await push(frame('run-turn', { turn, expert }))
  }
}
