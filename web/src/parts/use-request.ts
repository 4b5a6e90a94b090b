import { useSignal } from '@preact/signals'
import { ApiError } from '../api.ts'
import type { Problem } from '../problem.ts'
import { asApiError } from '../state/resource.ts'

/** One request at a time, and what is wrong with the last one. */
export function useRequest() {
  const sending = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  /** The answer, or null when there is a problem or an earlier request still runs. */
  const run = async <T>(ask: () => Promise<T>): Promise<T | null> => {
    if (sending.peek()) return null
    sending.value = true
    problem.value = null
    const reply = await ask().catch(asApiError)
    sending.value = false
    if (!(reply instanceof ApiError)) return reply
    problem.value = { text: reply.message, field: reply.field }
    return null
  }
  return { sending, problem, run }
}
