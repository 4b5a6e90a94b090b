import { signal } from '@preact/signals'
import { ApiError, api, type Me, whenExpired } from '../api.ts'
import { asApiError } from './resource.ts'

export type Phase = 'checking' | 'signed-out' | 'signed-in'

export const phase = signal<Phase>('checking')
export const me = signal<Me | null>(null)
/** A sentence for the person at the sign-in, else null. `bad` when something went wrong. */
export const notice = signal<{ text: string; bad: boolean } | null>(null)

const KEY_HINT =
  'The key is printed by “up” when it starts, and kept in the file “api-key” of its state folder.'
const RETRY_MILLISECONDS = 2000

/** Asks who the cookie belongs to, until the agent answers. */
export async function checkSession(): Promise<void> {
  try {
    enter(await api.me())
  } catch (error) {
    const { status, message } = asApiError(error)
    if (status === 401 || status === 403) {
      leave(null)
      return
    }
    notice.value = { text: message, bad: true }
    setTimeout(() => void checkSession(), RETRY_MILLISECONDS)
  }
}

/** Trades the key for a cookie; the key itself is kept nowhere. */
export async function signIn(key: string): Promise<void> {
  try {
    await api.login(key)
    enter(await api.me())
  } catch (error) {
    notice.value = { text: signInProblem(asApiError(error)), bad: true }
  }
}

export async function signOut(): Promise<void> {
  const failure = await api.logout().catch(asApiError)
  if (failure instanceof ApiError)
    leave({
      text: `${failure.message} Your session may still be open: reload, then sign out again.`,
      bad: true,
    })
  else leave({ text: 'You are signed out.', bad: false })
}

/** What went wrong and what to do, for the person who typed the key. */
export function signInProblem({ status, message, retryAfter }: ApiError): string {
  if (status === 401) return `${message}. ${KEY_HINT}`
  if (status === 429)
    return retryAfter
      ? `Too many attempts. Wait ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}, then try again.`
      : 'Too many attempts. Wait a minute, then try again.'
  return status === 0 ? 'The agent does not answer. Is it running? Try again.' : message
}

function enter(who: Me): void {
  me.value = who
  notice.value = null
  phase.value = 'signed-in'
}

function leave(sentence: typeof notice.value): void {
  me.value = null
  notice.value = sentence
  phase.value = 'signed-out'
}

whenExpired(() => {
  if (phase.peek() === 'signed-in')
    leave({ text: 'Your session has ended. Sign in again to go on.', bad: true })
})
