import { causeChain } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { ClientMessage, type ServerMessage } from '../../contract/socket.ts'
import type { Conversation } from '../conversation/conversation.ts'
import type { Conversations } from '../conversation/conversations.ts'
import { readConversationId } from './conversation-query.ts'
import type { LogFeed } from './log-feed.ts'
import { toServerMessage } from './server-message.ts'
import { keepAlive, sendOrCut } from './socket-care.ts'

export type SocketParts = { conversations: Conversations; logFeed: LogFeed }

/** `WS /ws?conversation=ID`: JSON text frames, contract/socket.ts. */
export function wsRoute(app: FastifyInstance, parts: SocketParts): void {
  app.get('/ws', { websocket: true, preValidation: readConversationId }, (socket, request) => {
    keepAlive(socket)
    socket.on('error', (error) => request.log.info(`A socket failed: ${causeChain(error)}`))
    const tell = (message: ServerMessage) => sendOrCut(socket, JSON.stringify(message))
    // Messages may come before the conversation is open: they wait for it, in order.
    const opening = serve(socket, request, { ...parts, tell })
    socket.on('message', (data, isBinary) => {
      opening
        .then((conversation) => hear(String(data), isBinary, { conversation, tell }))
        .catch(() => {})
    })
  })
}

type Tell = (message: ServerMessage) => void

async function serve(
  socket: WebSocket,
  request: FastifyRequest,
  { conversations, logFeed, tell }: SocketParts & { tell: Tell },
): Promise<Conversation> {
  if (request.caller?.scopes.has('read')) {
    const stop = logFeed.follow((line) => tell({ type: 'log', data: line }))
    socket.once('close', stop)
  }
  try {
    const conversation = await conversations.get(request.conversationId)
    const stop = conversation.follow((frame) => {
      const message = toServerMessage(frame)
      if (message) tell(message)
    })
    socket.once('close', stop)
    if (socket.readyState !== socket.OPEN) stop()
    return conversation
  } catch (error) {
    request.log.error(`A conversation could not be opened: ${causeChain(error)}`)
    tell({ type: 'error', data: 'The conversation could not be opened. The log says why.' })
    throw error
  }
}

function hear(
  text: string,
  isBinary: boolean,
  { conversation, tell }: { conversation: Conversation; tell: Tell },
): void {
  const value = isBinary ? undefined : parseObject(text)
  if (value === undefined) {
    tell({ type: 'error', data: 'A message must be a JSON object in a text frame.' })
    return
  }
  const { success, data } = ClientMessage.safeParse(value)
  if (success) act(data, conversation)
  else if (isKnownType(value.type))
    tell({ type: 'error', data: `This ${String(value.type)} message does not fit.` })
}

/** No tool waits for approval, so an approval_response answers nothing. */
function act(message: ClientMessage, conversation: Conversation): void {
  if (message.type === 'user_message') conversation.say(message.data, message.expert)
  if (message.type === 'interrupt') void conversation.interrupt()
}

const KNOWN = new Set<unknown>(ClientMessage.options.map(({ shape }) => shape.type.value))
const isKnownType = (type: unknown): boolean => KNOWN.has(type)

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
