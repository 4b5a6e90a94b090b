import { randomUUID } from 'node:crypto'
import { causeChain } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Expert } from '../../contract/expert.ts'
import { ChatBody } from '../experts/chat.ts'
import { AUTO } from '../experts/choose-expert.ts'
import type { ChatRequest, Experts } from '../experts/experts.ts'
import { parseBody } from '../http/parse.ts'
import { EventStream } from './event-stream.ts'
import { type AnswerHead, normaliseChunk, roleChunk } from './normalise-chunk.ts'
import { answerOpenAiError, toOpenAiError } from './openai-errors.ts'

const BODY_LIMIT = 20 * 1024 * 1024

/** The OpenAI door: `/v1/models` and `/v1/chat/completions`. Bodies reach the expert as they came. */
export async function openAiRoutes(
  root: FastifyInstance,
  { experts }: { experts: Experts },
): Promise<void> {
  await root.register(async (app) => {
    app.setErrorHandler(answerOpenAiError)
    app.get('/v1/models', async () => ({ object: 'list', data: models(experts.list()) }))
    app.post('/v1/chat/completions', { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const body = parseBody(ChatBody, request.body)
      const chat = { asked: body.model, body, signal: signalOf(reply) }
      if (body.stream) return streamAnswer(experts, chat, { request, reply })
      const { answer, expert, reason } = await experts.complete(chat)
      reply.headers(routeHeaders(expert, reason))
      return { ...answer, model: expert }
    })
  })
}

/** Aborted when the client leaves, in every phase. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => controller.abort())
  return controller.signal
}

async function streamAnswer(
  experts: Experts,
  chat: ChatRequest,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const { chunks, expert, reason } = await experts.stream(chat)
  const { signal } = chat
  const stream = new EventStream(reply, routeHeaders(expert, reason))
  const head: AnswerHead = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: expert,
  }
  try {
    await stream.send(roleChunk(head), signal)
    for await (const chunk of chunks) {
      if (signal.aborted) break
      const whole = normaliseChunk(chunk, head)
      if (whole) await stream.send(whole, signal)
    }
    await stream.send('[DONE]', signal)
  } catch (error) {
    // No [DONE] after a loss: a cut answer must never look like a whole one.
    if (!signal.aborted) request.log.error(`An answer was cut: ${causeChain(error)}`)
    await stream.send({ error: toOpenAiError(error).error }, signal)
  }
  stream.end()
  return reply
}

const routeHeaders = (expert: string, reason: string): Record<string, string> => ({
  'x-expert': expert,
  'x-route-reason': reason,
})

/** `auto`, each name, each id, in a stable order, without those that cannot answer. */
function models(experts: readonly Expert[]): object[] {
  const able = experts.filter(({ healthy }) => healthy)
  const ids = new Set([AUTO, ...able.map(({ name }) => name), ...able.map(({ id }) => id)])
  return [...ids].map((id) => ({ id, object: 'model', created: 0, owned_by: 'muster' }))
}
