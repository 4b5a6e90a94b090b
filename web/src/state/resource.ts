import { type ReadonlySignal, signal } from '@preact/signals'
import { ApiError } from '../api.ts'

/** Something the agent is asked for again and again. */
export type Resource<T> = {
  /** The last answer; null before the first. Kept while the agent is away. */
  value: ReadonlySignal<T | null>
  /** Why the last question went unanswered, else null. */
  problem: ReadonlySignal<ApiError | null>
  start: () => void
  /** Stops asking and forgets. */
  stop: () => void
  /** Asks now. */
  refresh: () => void
}

/**
 * Asks one question at a time, `pause` milliseconds apart.
 * @param pause decides from the last answer; null = never again
 */
export function resource<T>(
  read: () => Promise<T>,
  pause: (value: T | null) => number | null,
): Resource<T> {
  const value = signal<T | null>(null)
  const problem = signal<ApiError | null>(null)
  let run = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const ask = async (mine: number) => {
    const answer = await read().catch(asApiError)
    if (mine !== run) return
    const failed = answer instanceof ApiError
    problem.value = failed ? answer : null
    if (!failed && !same(value.peek(), answer)) value.value = answer
    const wait = pause(failed ? null : answer)
    if (wait !== null) timer = setTimeout(() => void ask(mine), wait)
  }
  const begin = () => {
    clearTimeout(timer)
    run += 1
    void ask(run)
  }
  const stop = () => {
    clearTimeout(timer)
    run += 1
    value.value = null
    problem.value = null
  }
  return { value, problem, start: begin, stop, refresh: begin }
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, String(error))
