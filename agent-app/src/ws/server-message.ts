import type { ServerMessage } from '../../contract/socket.ts'
import type { Frame } from '../frames/frame.ts'

/** What sockets are told about a frame; undefined = nothing. */
export function toServerMessage(frame: Frame): ServerMessage | undefined {
  switch (frame.type) {
    case 'user-turn':
      return { type: 'user', data: frame.text }
    case 'answer-start':
      return { type: 'agent_start', data: { expert: frame.expert, reason: frame.reason } }
    case 'answer-text':
      return { type: 'agent_delta', data: frame.text }
    case 'answer-end':
      // A lost answer is told by the error that follows.
      return frame.outcome === 'lost'
        ? undefined
        : { type: 'agent', data: frame.text, expert: frame.expert }
    case 'error':
      return { type: 'error', data: frame.error.message }
    default:
      return undefined
  }
}
