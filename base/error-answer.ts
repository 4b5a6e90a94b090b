import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { causeChain, type ErrorCode, errorTable, MusterError } from './errors.ts'

/** Framework errors that have a row of their own. */
const FRAMEWORK: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body-unreadable',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body-unreadable',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'body-unreadable',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body-unreadable',
}

const asMusterError = (error: unknown): MusterError => {
  if (error instanceof MusterError) return error
  const { code, statusCode } = error as FastifyError
  const row = statusCode === 416 ? 'range-beyond' : (FRAMEWORK[code] ?? ioCode(code))
  return new MusterError(row, {}, { cause: error })
}

const ioCode = (code: string): ErrorCode =>
  code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'internal'

/** The one error handler of a server: `{"detail": "..."}`, the status of the table, nothing inner from 500 up. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => sendError(asMusterError(error), request, reply))
  app.setNotFoundHandler((request, reply) => {
    const allow = allowedMethods(app, request.url)
    if (allow) reply.header('allow', allow)
    return sendError(new MusterError(allow ? 'method-not-allowed' : 'not-found'), request, reply)
  })
}

function sendError(error: MusterError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfter, issues, ...details } = error.details
  if (typeof retryAfter === 'number') reply.header('retry-after', String(retryAfter))
  const level = error.status >= 500 ? 'error' : 'info'
  request.log[level]({ code: error.code, ...details }, causeChain(error))
  const extra = error.status >= 500 ? {} : details
  return reply
    .code(error.status)
    .send({ detail: issues ?? errorTable[error.code].message, ...extra })
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
function allowedMethods(app: FastifyInstance, url: string): string {
  const path = url.split('?')[0] ?? '/'
  return METHODS.filter((method) => app.findRoute({ method, url: path })).join(', ')
}
