import { type Frame, frame, type SystemFrame } from '../frames/frame.ts'
import { type OrderedFrame, type Pressure, Processor, type ProcessorOptions } from './processor.ts'

/** The end of a pipeline: hands every frame out. */
class Outlet extends Processor {
  readonly name: string
  readonly #emit: (frame: Frame) => void

  constructor(name: string, emit: (frame: Frame) => void) {
    super()
    this.name = name
    this.#emit = emit
  }

  protected process(arrived: OrderedFrame): void {
    if (arrived.type === 'probe') arrived.arrived()
    this.#emit(arrived)
  }

  protected override onSystem(arrived: SystemFrame): void {
    this.#emit(arrived)
  }

  override receiveUp(arrived: Frame): void {
    this.#emit(arrived)
  }
}

/**
 * Processors in a row. `emit` gets what leaves at the end and the errors that arrive at the top.
 * Frames wait until `start`.
 */
export class Pipeline {
  readonly #first: Processor

  constructor(
    processors: readonly Processor[],
    emit: (frame: Frame) => void,
    { highWater, observers = [] }: ProcessorOptions = {},
  ) {
    const top = new Outlet('top', () => {})
    top.receiveUp = emit
    const chain = [top, ...processors, new Outlet('end', emit)]
    for (const [index, processor] of chain.entries()) {
      processor.previous = chain[index - 1]
      processor.next = chain[index + 1]
      processor.observers = observers
      if (highWater !== undefined) processor.highWater = highWater
    }
    this.#first = processors[0] ?? chain[1]!
  }

  start(): void {
    this.#first.receive(frame('start'))
  }

  /** Puts a frame in at the top. */
  push(incoming: Frame): Pressure {
    return this.#first.receive(incoming)
  }

  /** Drops what is queued, except kept frames, and aborts the work in progress. */
  interrupt(): void {
    this.#first.receive(frame('interruption'))
  }

  /** Resolves when all that was pushed before has been handled. */
  flush(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#first.receive(frame('probe', { arrived: resolve, keep: true }))
    return promise
  }

  /** Ends for good: aborts the work in progress and takes nothing more. */
  cancel(): void {
    this.#first.receive(frame('cancel'))
  }
}
