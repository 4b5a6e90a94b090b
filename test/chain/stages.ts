/** One stage of the chain: when it was reached, in seconds after the stage before it and after the start. */
export type Stage = { name: string; seconds: number; total: number }

/** Notes stages as they are reached and prints each at once. */
export class Stages {
  readonly list: Stage[] = []
  readonly #start = performance.now()
  #last = this.#start
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  reached(name: string): void {
    const now = performance.now()
    const stage = { name, seconds: (now - this.#last) / 1000, total: (now - this.#start) / 1000 }
    this.#last = now
    this.list.push(stage)
    this.#print(
      `${stage.seconds.toFixed(1).padStart(7)} s  ${stage.total.toFixed(1).padStart(7)} s  ${name}`,
    )
  }
}
