import { causeChain, type ErrorCode, errorTable, MusterError } from '@muster/base/errors.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** The error object of the OpenAI API. `code` is always a string or null. */
export type OpenAiError = {
  message: string
  type: string
  param: string | null
  code: string | null
}

const CODES: Partial<Record<ErrorCode, Partial<OpenAiError>>> = {
  'expert-unknown': { param: 'model', code: 'model_not_found' },
  'context-too-long': { param: 'messages', code: 'context_length_exceeded' },
  'key-missing': { code: 'invalid_api_key', type: 'authentication_error' },
  'key-malformed': { code: 'invalid_api_key', type: 'authentication_error' },
  'key-unknown': { code: 'invalid_api_key', type: 'authentication_error' },
  'scope-missing': { type: 'permission_error' },
  'too-many-attempts': { type: 'rate_limit_error' },
}

/** Any failure as status and error object; from 500 up nothing inner is told. */
export function toOpenAiError(error: unknown): { status: number; error: OpenAiError } {
  const known = error instanceof MusterError ? error : new MusterError('internal')
  const { upstreamStatus, upstreamMessage } = known.details
  const refusedByExpert = known.code === 'expert-refused' && typeof upstreamStatus === 'number'
  const status = refusedByExpert ? upstreamStatus : known.status
  return {
    status,
    error: {
      message:
        refusedByExpert && typeof upstreamMessage === 'string' && upstreamMessage
          ? upstreamMessage
          : messageOf(known),
      type: status >= 500 ? 'server_error' : 'invalid_request_error',
      param: null,
      code: known.code.replaceAll('-', '_'),
      ...CODES[known.code],
    },
  }
}

const messageOf = ({ code, details }: MusterError): string => {
  const { issues } = details
  const { message } = errorTable[code]
  if (!Array.isArray(issues)) return message
  const said = issues.map(
    ({ loc, msg }: { loc: unknown[]; msg: string }) => `${loc.join('.')}: ${msg}`,
  )
  return `${message} ${said.join('; ')}`
}

/** The error handler of `/v1`. */
export function answerOpenAiError(
  failure: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { status, error } = toOpenAiError(asKnown(failure))
  request.log[status >= 500 ? 'error' : 'info']({ code: error.code }, causeChain(failure))
  const wait = failure instanceof MusterError ? failure.details.retryAfter : undefined
  if (typeof wait === 'number') reply.header('retry-after', String(wait))
  else if (status === 503) reply.header('retry-after', '2')
  return reply.code(status).send({ error })
}

/** What fastify refuses before a handler runs. */
function asKnown(failure: unknown): unknown {
  const { statusCode } = failure as { statusCode?: number }
  if (failure instanceof MusterError || !statusCode || statusCode >= 500) return failure
  return new MusterError(statusCode === 413 ? 'body-too-large' : 'body-unreadable')
}
