/** A longer line is cut: the output of a run is not held in memory. */
const MAX_LINE = 64 * 1024

/** Splits decoded output into lines without their ends; a last line without one counts too. */
export class LineSplitter {
  readonly #emit: (line: string) => void
  readonly #decoder = new TextDecoder()
  #rest = ''
  #skipping = false

  constructor(emit: (line: string) => void) {
    this.#emit = emit
  }

  push(chunk: Uint8Array): void {
    this.#take(this.#decoder.decode(chunk, { stream: true }))
  }

  end(): void {
    this.#take(this.#decoder.decode())
    if (this.#rest) this.#emit(this.#rest)
    this.#rest = ''
  }

  #take(text: string): void {
    const [first = '', ...others] = text.split('\n')
    this.#grow(first)
    for (const line of others) {
      if (!this.#skipping) this.#emit(this.#rest)
      this.#rest = ''
      this.#skipping = false
      this.#grow(line)
    }
  }

  #grow(text: string): void {
    if (this.#skipping) return
    this.#rest += text
    if (this.#rest.length <= MAX_LINE) return
    this.#emit(`${this.#rest.slice(0, MAX_LINE)} [line cut]`)
    this.#rest = ''
    this.#skipping = true
  }
}
