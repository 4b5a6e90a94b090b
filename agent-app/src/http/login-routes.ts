import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { AccessParts } from '../access/access.ts'
import { SESSION_COOKIE, SESSION_SECONDS } from '../access/sessions.ts'
import { parseBody } from './parse.ts'

/** Body of `POST /api/login`. */
export const Login = z.object({ key: z.string() })
/** Body of `POST /api/session`. */
export const Session = z.object({ path: z.enum(['/ws', '/rtvi']).default('/rtvi') })

/** Key in, cookie out; who am I; a ticket for a socket. */
export function loginRoutes(app: FastifyInstance, parts: AccessParts): void {
  app.post('/api/login', async (request, reply) => {
    const { key } = parseBody(Login, request.body)
    const caller = parts.guard.identifyKey(key.trim(), request.ip)
    return reply
      .setCookie(SESSION_COOKIE, parts.sessions.open(caller), {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        secure: request.protocol === 'https',
        maxAge: SESSION_SECONDS,
      })
      .code(204)
      .send()
  })

  app.post('/api/logout', async (request, reply) => {
    const id = request.cookies[SESSION_COOKIE]
    if (id) parts.sessions.close(id)
    return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send()
  })

  app.get('/api/me', async ({ caller }) => {
    if (!caller) throw new MusterError('key-missing')
    return { id: caller.id, scopes: [...caller.scopes] }
  })

  /** Exactly these two members: the official RTVI client refuses any other. */
  app.post('/api/session', async ({ body, caller, headers, protocol, host }) => {
    if (!caller) throw new MusterError('key-missing')
    const { path } = parseBody(Session, body ?? {})
    const scheme = protocol === 'https' ? 'wss' : 'ws'
    const token = parts.tickets.mint(caller, { origin: headers.origin ?? '', path })
    return { wsUrl: `${scheme}://${host}${path}`, token }
  })
}
