import { causeChain } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import type { Conversations } from '../conversation/conversations.ts'
import { readConversationId } from '../ws/conversation-query.ts'
import { keepAlive, sendOrCut } from '../ws/socket-care.ts'
import { decode, encode } from './codec.ts'
import { Envelope } from './messages.ts'
import { RtviSession } from './rtvi-session.ts'

const NORMAL = 1000
const INTERNAL = 1011

/** `WS /rtvi`: RTVI 2.1 in binary frames, for the official Pipecat client. */
export function rtviRoute(app: FastifyInstance, parts: { conversations: Conversations }): void {
  app.get('/rtvi', { websocket: true, preValidation: readConversationId }, (socket, request) => {
    keepAlive(socket)
    socket.on('error', (error) => request.log.info(`A socket failed: ${causeChain(error)}`))
    const opening = openSession(socket, parts.conversations.get(request.conversationId))
    let last: Promise<unknown> = opening
    socket.on('message', (data, isBinary) => {
      // One after the other: a text must not overtake the interruption of the text before it.
      last = last
        .then(() => opening)
        .then((session) => hear(session, data, isBinary))
        .catch((error: unknown) => {
          request.log.error(`An RTVI session failed: ${causeChain(error)}`)
          socket.close(INTERNAL)
        })
    })
  })
}

async function openSession(
  socket: WebSocket,
  opening: ReturnType<Conversations['get']>,
): Promise<RtviSession> {
  const session = new RtviSession({
    conversation: await opening,
    send: (message) => sendOrCut(socket, encode(message)),
    hangUp: () => socket.close(NORMAL),
  })
  socket.once('close', () => session.close())
  return session
}

async function hear(session: RtviSession, data: RawData, isBinary: boolean): Promise<void> {
  const value = isBinary ? tryDecode(data as Buffer) : 'bad'
  if (value === undefined) return
  const envelope = Envelope.safeParse(value)
  if (envelope.success) await session.hear(envelope.data)
  else session.complain('This frame is not an RTVI message.')
}

/** Undefined for audio, `bad` for what no client should send. */
function tryDecode(bytes: Buffer): unknown {
  try {
    return decode(bytes)
  } catch {
    return 'bad'
  }
}
