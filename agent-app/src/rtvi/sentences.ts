/** Cuts streaming text into sentences: a sentence ends at `.`, `!`, `?` or a line end before white space. */
export class Sentences {
  #open = ''

  /** The sentences that are whole now. */
  add(text: string): string[] {
    this.#open += text
    const pieces = this.#open.split(/(?<=[.!?])\s+|\n+/)
    this.#open = pieces.pop() ?? ''
    return pieces.map((piece) => piece.trim()).filter(Boolean)
  }

  /** What is left at the end. */
  rest(): string[] {
    const rest = this.#open.trim()
    this.#open = ''
    return rest ? [rest] : []
  }
}
