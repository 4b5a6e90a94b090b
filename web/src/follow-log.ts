import type { LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { ApiError, api } from './api.ts'
import { asApiError } from './state/resource.ts'

type Listener = { onText: (piece: string) => void; onState: (sentence: string) => void }
const PAUSE_MILLISECONDS = 700

/** Reads a job's log from its beginning until the job is done. Returns what stops it. */
export function followLog(job: string, listener: Listener): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async (from: number) => {
    const answer = await api.jobLog(job, from).catch(asApiError)
    if (stopped) return
    const next = answer instanceof ApiError ? sayProblem(answer, from) : take(answer)
    if (next !== null) timer = setTimeout(() => void ask(next.from), next.wait)
  }
  const take = ({ text, next, done }: LogPiece) => {
    if (text !== '') listener.onText(text)
    listener.onState(done ? 'This is the whole log.' : 'following…')
    // A piece with text may be one of many: the next is asked for at once.
    return done ? null : { from: next, wait: text === '' ? PAUSE_MILLISECONDS : 50 }
  }
  const sayProblem = ({ message, status }: ApiError, from: number) => {
    listener.onState(message)
    return status === 401 || status === 404 ? null : { from, wait: 2000 }
  }
  void ask(0)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
