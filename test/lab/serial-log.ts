import { createWriteStream, type WriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Colours, cursor moves and the terminal resets of firmware. */
const ESCAPES = /\u001b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>c])/g

export type SerialLine = { seconds: number; text: string }

/** What a machine says on its serial port, each line with the seconds since power-on, kept and written to a file. */
export class SerialLog {
  readonly lines: SerialLine[] = []
  readonly #file: WriteStream
  readonly #started = performance.now()
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(file: string, input: Readable) {
    this.#file = createWriteStream(file, { flags: 'a' })
    input.on('data', (data: Buffer) => this.#take(this.#decoder.write(data)))
    input.on('end', () => this.#file.end(this.#rest))
  }

  /** What has been said since power-on, with the line that is not ended yet. */
  get text(): string {
    return [...this.lines.map(({ text }) => text), this.#rest].join('\n')
  }

  #take(data: string): void {
    const parts = (this.#rest + data).replace(ESCAPES, '').split(/\r*\n/)
    this.#rest = parts.pop() ?? ''
    const seconds = (performance.now() - this.#started) / 1000
    for (const text of parts) {
      this.lines.push({ seconds, text })
      this.#file.write(`${seconds.toFixed(1).padStart(7)} ${text}\n`)
    }
  }
}
