import { type ClientMessage, ServerMessage } from '@muster/agent-app/contract/socket.ts'
import type { Session } from './api.ts'

export type SocketState = 'connecting' | 'connected' | 'lost'

type Parts = {
  /** A fresh one-time ticket; rejects while the agent is away. */
  session: () => Promise<Session>
  onState: (state: SocketState) => void
  onMessage: (message: ServerMessage) => void
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/** Milliseconds before attempt number `attempt` (from 0): doubles to 10 s, spread by a quarter. */
export const backOff = (attempt: number, random = Math.random()): number =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10)) * (0.75 + random * 0.25)

/** The address with the ticket; never unencrypted from a page that came by TLS. */
export function ticketUrl({ wsUrl, token }: Session, pageProtocol: string): string {
  const url = new URL(wsUrl)
  if (pageProtocol === 'https:') url.protocol = 'wss:'
  url.searchParams.append('token', token)
  return url.href
}

/** Reads one frame; undefined for anything that is no message of the contract. */
export function readFrame(frame: unknown): ServerMessage | undefined {
  if (typeof frame !== 'string') return undefined
  try {
    return ServerMessage.safeParse(JSON.parse(frame)).data
  } catch {
    return undefined
  }
}

/** A `/ws` connection that comes back by itself until it is closed. */
export class ChatSocket {
  readonly #parts: Parts
  #socket: WebSocket | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #attempt = 0
  #closed = false

  constructor(parts: Parts) {
    this.#parts = parts
    void this.#connect()
  }

  /** False when there is no connection; nothing was sent then. */
  send(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  /** Gives up a socket that looks open but whose server is gone, and connects again. */
  abandon(): void {
    const socket = this.#socket
    if (!socket) return
    this.#lost(socket)
    socket.close()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  async #connect(): Promise<void> {
    this.#parts.onState('connecting')
    try {
      const session = await this.#parts.session()
      if (this.#closed) return
      this.#listen(new WebSocket(ticketUrl(session, location.protocol)))
    } catch {
      this.#retry()
    }
  }

  #listen(socket: WebSocket): void {
    this.#socket = socket
    socket.onopen = () => {
      if (this.#socket !== socket) return
      this.#attempt = 0
      this.#parts.onState('connected')
    }
    socket.onmessage = ({ data }) => {
      const message = this.#socket === socket ? readFrame(data) : undefined
      if (message) this.#parts.onMessage(message)
    }
    socket.onclose = () => this.#lost(socket)
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return
    this.#socket = null
    this.#retry()
  }

  #retry(): void {
    if (this.#closed) return
    this.#parts.onState('lost')
    this.#timer = setTimeout(() => void this.#connect(), backOff(this.#attempt++))
  }
}
