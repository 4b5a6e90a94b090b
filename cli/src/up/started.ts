/** Everything `up` started. What was started last stops first, so that nothing is cut off from what it needs. */
export class Started {
  readonly #stops: (() => Promise<void>)[] = []
  readonly #abort = new AbortController()

  /** Aborted once the end has begun. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop)
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) await stop()
  }

  /** Ctrl-C and its like: stop all, then exit 0. Further signals change nothing. */
  endOnSignal(last: () => Promise<void>): void {
    const end = async () => {
      if (this.signal.aborted) return
      process.stderr.write('Stopping (a second Ctrl-C is not needed) ...\n')
      await this.stop()
      await last()
      process.exit(0)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  }
}
