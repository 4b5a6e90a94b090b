/** Counts attempts per source in fixed windows of a minute; the map never outgrows `maxSources`. */
export class AttemptLimit {
  readonly #limit: number
  readonly #windowMs: number
  readonly #counts = new Map<string, { count: number; ends: number }>()
  static readonly #maxSources = 10_000

  constructor(limit: number, windowMs = 60_000) {
    this.#limit = limit
    this.#windowMs = windowMs
  }

  /** Seconds to wait when the source is over its limit, else 0. */
  secondsToWait(source: string, now = Date.now()): number {
    const entry = this.#counts.get(source)
    if (!entry || entry.ends <= now || entry.count < this.#limit) return 0
    return Math.ceil((entry.ends - now) / 1000)
  }

  /** Sources remembered now. */
  get size(): number {
    return this.#counts.size
  }

  count(source: string, now = Date.now()): void {
    const entry = this.#counts.get(source)
    if (entry && entry.ends > now) {
      entry.count += 1
      return
    }
    if (this.#counts.size >= AttemptLimit.#maxSources) this.#sweep(now)
    this.#counts.set(source, { count: 1, ends: now + this.#windowMs })
  }

  #sweep(now: number): void {
    for (const [source, entry] of this.#counts) if (entry.ends <= now) this.#counts.delete(source)
    if (this.#counts.size >= AttemptLimit.#maxSources) this.#counts.clear()
  }
}
