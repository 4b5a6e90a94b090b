import type { ServerMessage } from '@muster/agent-app/contract/socket.ts'
import { computed, effect, signal } from '@preact/signals'
import { api } from '../api.ts'
import { ChatSocket, type SocketState } from '../socket.ts'
import { agentStatus, experts } from './cluster.ts'
import { addLogLine, clearLog } from './server-log.ts'
import { me } from './session.ts'
import { add, after, emptyTranscript } from './transcript.ts'

export const AUTO = 'auto'

export const connection = signal<SocketState | 'offline'>('offline')
export const transcript = signal(emptyTranscript)
/** What is typed and not sent yet. */
export const draft = signal('')
/** Sent texts, oldest first. */
export const sentTexts = signal<readonly string[]>([])
/** The expert a person asked for: an id, or `auto`. */
export const wantedExpert = signal(AUTO)
/** The expert asked for as long as it exists, else the router's choice. */
export const chosenExpert = computed(() =>
  experts.value.value?.some(({ id }) => id === wantedExpert.value) ? wantedExpert.value : AUTO,
)

let socket: ChatSocket | null = null
/** Sent, but the server has not said it back yet. */
let unconfirmed: string | null = null

/** Opens the chat, or says why this key may not. */
export function openChat(): void {
  if (me.peek()?.scopes.includes('chat') === false) {
    note('error', 'This key may not chat. Sign in with one that has the scope “chat”.')
    return
  }
  socket = new ChatSocket({ session: api.session, onState: follow, onMessage: receive })
}

export function closeChat(): void {
  socket?.close()
  socket = null
  unconfirmed = null
  connection.value = 'offline'
  transcript.value = emptyTranscript
  sentTexts.value = []
  draft.value = ''
  clearLog()
}

/** Sends a turn. False when it is empty or there is no connection. */
export function say(text: string): boolean {
  if (text.trim() === '') return false
  const sent = socket?.send({ type: 'user_message', data: text, expert: chosenExpert.peek() })
  if (!sent) return false
  unconfirmed = text
  if (sentTexts.peek().at(-1) !== text) sentTexts.value = [...sentTexts.peek(), text].slice(-100)
  return true
}

export const interrupt = (): void => {
  if (transcript.peek().busy) socket?.send({ type: 'interrupt' })
}

/** Adds a line of the page itself. */
export function note(kind: 'note' | 'error', text: string): void {
  transcript.value = add(transcript.peek(), { kind, text })
}

function receive(message: ServerMessage): void {
  if (message.type === 'log') {
    addLogLine(message.data)
    return
  }
  if (message.type === 'user' && message.data.trim() === unconfirmed?.trim()) unconfirmed = null
  transcript.value = after(transcript.peek(), message)
}

function follow(state: SocketState): void {
  connection.value = state
  if (state !== 'lost') return
  transcript.value = { ...transcript.peek(), busy: false }
  if (unconfirmed === null) return
  note('error', 'The connection was lost before your message arrived. It is back in the field.')
  if (draft.peek() === '') draft.value = unconfirmed
  unconfirmed = null
}

// A pulled cable leaves the socket open for minutes; the unanswered poll tells sooner.
effect(() => {
  if (agentStatus.problem.value?.status === 0) socket?.abandon()
})
