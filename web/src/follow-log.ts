import type { LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { ApiError } from './api.ts'
import { asApiError } from './state/resource.ts'

/** A log is read in pieces, each from a byte offset. */
export type ReadLog = (from: number) => Promise<LogPiece>
type Listener = { onText: (piece: string) => void; onState: (sentence: string) => void }
const PAUSE_MILLISECONDS = 700

/** Reads a log from its beginning until it is done. Returns what stops it. */
export function followLog(read: ReadLog, listener: Listener): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async (from: number) => {
    const answer = await read(from).catch(asApiError)
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
