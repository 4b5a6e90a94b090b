import { MusterError } from '@muster/base/errors.ts'
import {
  type ControlFrame,
  type DataFrame,
  type Frame,
  frame,
  type SystemFrame,
} from '../frames/frame.ts'
import { Fifo } from './fifo.ts'

/** Frames a processor handles before it lets sockets and timers run. */
const FRAMES_A_TURN = 4096
/** Waiting frames from which a producer is asked to wait. */
const HIGH_WATER = 1024
/** A producer that ignores back-pressure this far is a defect. */
const HARD_LIMIT = 64

/** Undefined when there is room, else a promise that resolves when there is. */
export type Pressure = Promise<void> | undefined

export type FrameContext = {
  /** Aborted when an interruption or a cancel ends the work on this frame. */
  readonly signal: AbortSignal
  /** Sends a frame downstream; awaiting the result honours back-pressure. */
  readonly push: (frame: Frame) => Pressure
}

/** Frames that stay in order. */
export type OrderedFrame = DataFrame | ControlFrame
export type Direction = 'down' | 'up'
/** Sees every push and changes nothing. */
export type Observer = (frame: Frame, from: Processor, direction: Direction) => void

export type ProcessorOptions = { highWater?: number; observers?: readonly Observer[] }

/**
 * One purpose in a pipeline. A subclass writes `process`; queues, order, interruption and errors
 * are decided here. System frames go on by themselves, the others when the subclass pushes them.
 * A `process` that returns nothing is never awaited.
 */
export abstract class Processor {
  abstract readonly name: string
  next: Processor | undefined
  previous: Processor | undefined
  observers: readonly Observer[] = []
  highWater = HIGH_WATER

  readonly #queue = new Fifo<OrderedFrame>()
  #state: 'waiting' | 'running' | 'cancelled' = 'waiting'
  #current: { frame: OrderedFrame; controller: AbortController } | undefined
  #busy = false
  #handled = 0
  #room: PromiseWithResolvers<void> | undefined

  /** The work of a subclass on one frame; what it does not handle it pushes on. */
  protected abstract process(frame: OrderedFrame, context: FrameContext): void | Promise<void>

  /** Sees system frames at once, while `process` may be at work. */
  protected onSystem(_frame: SystemFrame): void {}

  /** Frames that wait here. */
  get waiting(): number {
    return this.#queue.size
  }

  /** Takes a frame from the neighbour above. */
  receive(incoming: Frame): Pressure {
    if (this.#state === 'cancelled') return undefined
    if (incoming.kind === 'system') {
      this.#system(incoming)
      return undefined
    }
    if (this.#queue.size >= this.highWater * HARD_LIMIT)
      throw new RangeError(`${this.name}: the producer ignores back-pressure`)
    this.#queue.add(incoming)
    if (this.#state === 'running' && !this.#busy) this.#drain()
    return this.#pressure()
  }

  /** Takes a frame from below: only errors travel up. */
  receiveUp(incoming: Frame): void {
    this.#send(incoming, 'up')
  }

  #system(incoming: SystemFrame): void {
    if (incoming.type === 'interruption') this.#interrupt()
    if (incoming.type === 'cancel') this.#cancel()
    try {
      this.onSystem(incoming)
    } catch (error) {
      this.#fail(error)
    }
    this.#send(incoming, 'down')
    if (incoming.type === 'start') {
      this.#state = 'running'
      if (!this.#busy) this.#drain()
    }
  }

  #interrupt(): void {
    this.#queue.retain((waiting) => waiting.keep === true)
    if (this.#current && !this.#current.frame.keep) this.#current.controller.abort()
    this.#releasePressure()
  }

  #cancel(): void {
    this.#state = 'cancelled'
    this.#queue.retain(() => false)
    this.#current?.controller.abort()
    this.#releasePressure()
  }

  /** Handles frames until one needs awaiting or it is the event loop's turn. */
  #drain(): void {
    this.#busy = true
    while (this.#queue.size > 0) {
      if (this.#handled >= FRAMES_A_TURN) {
        this.#handled = 0
        setImmediate(() => this.#drain())
        return
      }
      this.#handled += 1
      const pending = this.#handle(this.#queue.take()!)
      this.#releasePressure()
      if (pending) {
        pending.finally(() => this.#drain())
        return
      }
    }
    this.#busy = false
  }

  #handle(next: OrderedFrame): Promise<void> | undefined {
    const controller = new AbortController()
    this.#current = { frame: next, controller }
    const context = { signal: controller.signal, push: this.#push }
    try {
      const result = this.process(next, context)
      if (result)
        return result
          .catch((error: unknown) => this.#failUnlessAborted(error, controller.signal))
          .finally(() => {
            this.#current = undefined
          })
    } catch (error) {
      this.#failUnlessAborted(error, controller.signal)
    }
    this.#current = undefined
    return undefined
  }

  #failUnlessAborted(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) this.#fail(error)
  }

  #fail(cause: unknown): void {
    const error = cause instanceof MusterError ? cause : new MusterError('internal', {}, { cause })
    this.#send(frame('error', { error }), 'up')
  }

  readonly #push = (outgoing: Frame): Pressure => {
    if (outgoing.type === 'error') {
      this.#send(outgoing, 'up')
      return undefined
    }
    return this.#send(outgoing, 'down')
  }

  #send(outgoing: Frame, direction: Direction): Pressure {
    const neighbour = direction === 'down' ? this.next : this.previous
    if (!neighbour) return undefined
    for (const observer of this.observers) observer(outgoing, this, direction)
    if (direction === 'down') return neighbour.receive(outgoing)
    neighbour.receiveUp(outgoing)
    return undefined
  }

  #pressure(): Pressure {
    if (this.#queue.size < this.highWater) return undefined
    this.#room ??= Promise.withResolvers<void>()
    return this.#room.promise
  }

  #releasePressure(): void {
    if (!this.#room || this.#queue.size > this.highWater / 2) return
    this.#room.resolve()
    this.#room = undefined
  }
}
