import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Frame, frame } from '../frames/frame.ts'
import { Pipeline } from './pipeline.ts'
import { type FrameContext, type OrderedFrame, Processor } from './processor.ts'
import { runProcessor } from './run-processor.ts'

const text = (said: string, keep = false) => frame('answer-text', { text: said, keep })
const said = (frames: readonly Frame[]) =>
  frames.flatMap((each) => (each.type === 'answer-text' ? [each.text] : []))
const upper = (name: string): Processor => new Upper(name)

class Upper extends Processor {
  readonly name: string
  constructor(name: string) {
    super()
    this.name = name
  }
  protected process(incoming: OrderedFrame, { push }: FrameContext): void {
    push(incoming.type === 'answer-text' ? text(incoming.text.toUpperCase()) : incoming)
  }
}

/** Holds each text until it is let go or aborted. */
class Gate extends Processor {
  readonly name = 'gate'
  readonly started: string[] = []
  readonly aborted: string[] = []
  #open: (() => void) | undefined

  open(): void {
    this.#open?.()
  }

  protected process(incoming: OrderedFrame, { push, signal }: FrameContext): void | Promise<void> {
    if (incoming.type !== 'answer-text') {
      push(incoming)
      return
    }
    this.started.push(incoming.text)
    return new Promise<void>((resolve, reject) => {
      this.#open = () => {
        push(incoming)
        resolve()
      }
      signal.addEventListener('abort', () => {
        this.aborted.push(incoming.text)
        reject(signal.reason)
      })
    })
  }
}

class Failing extends Processor {
  readonly name = 'failing'
  protected process(incoming: OrderedFrame, { push }: FrameContext): void {
    if (incoming.type === 'answer-text' && incoming.text === 'bad') throw new Error('on purpose')
    push(incoming)
  }
}

function open(processors: Processor[], options = {}) {
  const out: Frame[] = []
  const pipeline = new Pipeline(processors, (each) => out.push(each), options)
  return { pipeline, out }
}

describe('pipeline', () => {
  it('keeps data and control frames in order', async () => {
    const frames = Array.from({ length: 100 }, (_, index) => text(`a${index}`))
    const out = await runProcessor(upper('one'), frames)
    assert.deepEqual(
      said(out),
      frames.map((each) => each.text.toUpperCase()),
    )
  })

  it('handles nothing before start', () => {
    const { pipeline, out } = open([upper('one')])
    pipeline.push(text('early'))
    assert.deepEqual(out, [])
    pipeline.start()
    assert.deepEqual(said(out), ['EARLY'])
  })

  it('lets system frames overtake what is queued', async () => {
    const gate = new Gate()
    const { pipeline, out } = open([gate])
    pipeline.start()
    pipeline.push(text('slow'))
    pipeline.push(text('later'))
    pipeline.interrupt()
    assert.equal(out.at(-1)?.type, 'interruption')
    assert.deepEqual(said(out), [])
    await pipeline.flush()
  })

  it('interrupts: aborts the current frame, drops the queued ones, keeps kept ones', async () => {
    const gate = new Gate()
    const { pipeline, out } = open([gate])
    pipeline.start()
    for (const each of [text('current'), text('dropped'), text('kept', true)]) pipeline.push(each)
    pipeline.interrupt()
    await until(() => gate.started.includes('kept'))
    assert.deepEqual(gate.started, ['current', 'kept'])
    assert.deepEqual(gate.aborted, ['current'])
    gate.open()
    await pipeline.flush()
    assert.deepEqual(said(out), ['kept'])
  })

  it('does not abort a current frame that is kept, and still drops the queue', async () => {
    const gate = new Gate()
    const { pipeline, out } = open([gate])
    pipeline.start()
    pipeline.push(text('kept', true))
    pipeline.push(text('dropped'))
    pipeline.interrupt()
    gate.open()
    await pipeline.flush()
    assert.deepEqual(gate.aborted, [])
    assert.deepEqual(said(out), ['kept'])
  })

  it('asks a producer to wait at the high-water mark', async () => {
    const gate = new Gate()
    const { pipeline } = open([gate], { highWater: 4 })
    pipeline.start()
    for (let index = 0; index < 4; index += 1) assert.equal(pipeline.push(text('x')), undefined)
    const pressure = pipeline.push(text('x'))
    assert.ok(pressure instanceof Promise)
    pipeline.interrupt()
    await pressure
    assert.equal(gate.waiting, 0)
  })

  it('refuses a producer that ignores back-pressure', () => {
    const { pipeline } = open([new Gate()], { highWater: 1 })
    pipeline.start()
    assert.throws(() => {
      for (let index = 0; index < 100; index += 1) pipeline.push(text('x'))
    }, RangeError)
  })

  it('turns a failure into an error frame upstream and goes on', async () => {
    const out = await runProcessor(new Failing(), [text('a'), text('bad'), text('b')])
    assert.deepEqual(said(out), ['a', 'b'])
    const errors = out.filter((each) => each.type === 'error')
    assert.deepEqual(
      errors.map((each) => each.error.code),
      ['internal'],
    )
  })

  it('moves 16,384 frames through six processors in order and lets timers run between', async () => {
    const names = ['1', '2', '3', '4', '5', '6']
    const { pipeline, out } = open(names.map(upper))
    pipeline.start()
    let turns = 0
    const count = () => {
      turns += 1
      turning = setImmediate(count)
    }
    let turning = setImmediate(count)
    for (let index = 0; index < 16_384; index += 1) await pipeline.push(text(`t${index}`))
    await pipeline.flush()
    clearImmediate(turning)
    const texts = said(out)
    assert.equal(texts.length, 16_384)
    assert.equal(texts[0], 'T0')
    assert.equal(texts.at(-1), 'T16383')
    assert.ok(turns >= 3, `the event loop ran ${turns} times`)
  })

  it('shows observers every push', async () => {
    const seen: string[] = []
    const observer = (each: Frame) => seen.push(each.type)
    const { pipeline } = open([upper('one')], { observers: [observer] })
    pipeline.start()
    pipeline.push(text('x'))
    await pipeline.flush()
    assert.deepEqual(seen, ['start', 'answer-text', 'probe'])
  })

  it('takes nothing after cancel and aborts the work in progress', async () => {
    const gate = new Gate()
    const { pipeline, out } = open([gate])
    pipeline.start()
    pipeline.push(text('current'))
    pipeline.cancel()
    await until(() => gate.aborted.length === 1)
    pipeline.push(text('late'))
    assert.deepEqual(gate.started, ['current'])
    assert.deepEqual(said(out), [])
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
