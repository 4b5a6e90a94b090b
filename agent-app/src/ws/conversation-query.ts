import { MusterError } from '@muster/base/errors.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { ConversationId } from '../conversation/history-store.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The conversation of a socket, checked. */
    conversationId: string
  }
}

const Query = z.object({ conversation: ConversationId.default('default') })

/** Reads `?conversation=ID` before the upgrade: a bad one is refused with 422. */
export async function readConversationId(request: FastifyRequest): Promise<void> {
  const { success, data } = Query.safeParse(request.query)
  if (!success)
    throw new MusterError('body-invalid', {
      issues: [
        {
          loc: ['query', 'conversation'],
          msg: 'Letters, digits, _ and -, at most 64, a letter or digit first.',
        },
      ],
    })
  request.conversationId = data.conversation
}
