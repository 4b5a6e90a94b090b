import type { Caller } from '@muster/base/api-keys.ts'
import { MusterError } from '@muster/base/errors.ts'
import { Guard } from '@muster/base/guard.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AddressList } from './address-list.ts'
import { type RouteRow, rowOf } from './route-table.ts'
import { SESSION_COOKIE, type Sessions } from './sessions.ts'
import type { Tickets } from './tickets.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; null on open routes. */
    caller: Caller | null
  }
}

export type AccessParts = {
  guard: Guard
  sessions: Sessions
  tickets: Tickets
  addresses: AddressList
}

/** Checks every request, upgrades too, before its body is read: Host, Origin, who, scope. */
export function checkAccess(app: FastifyInstance, parts: AccessParts): void {
  app.decorateRequest('caller', null)
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat())
      if (!rowOf(each, url)) throw new Error(`${each} ${url} is not in the route table`)
  })
  app.addHook('onRequest', async (request) => {
    const row = rowOf(request.method, request.routeOptions.url ?? '')
    if (row?.url !== '/health' && !parts.addresses.allowsHost(request.headers.host))
      throw new MusterError('host-refused')
    if (!row) return
    refuseForeignOrigin(request, row, parts.addresses)
    if (row.access === 'open') return
    const caller = row.socket ? socketCaller(request, parts) : httpCaller(request, parts)
    if (row.access !== 'any') Guard.require(caller, row.access)
    request.caller = caller
  })
}

/** A page of somebody else may neither change anything nor open a socket. */
function refuseForeignOrigin(request: FastifyRequest, row: RouteRow, addresses: AddressList): void {
  const { origin } = request.headers
  if (origin === undefined || (row.method === 'GET' && !row.socket)) return
  if (!addresses.allowsOrigin(origin)) throw new MusterError('origin-refused')
}

function httpCaller(request: FastifyRequest, { guard, sessions }: AccessParts): Caller {
  const { authorization, origin } = request.headers
  const cookie = request.cookies[SESSION_COOKIE]
  const session = !authorization && cookie ? sessions.find(cookie) : undefined
  if (!session) return guard.identify(authorization, request.ip)
  if (request.method !== 'GET' && origin === undefined) throw new MusterError('origin-refused')
  return session
}

/** A ticket for this path and Origin, or the key in the header. A cookie alone opens no socket. */
function socketCaller(request: FastifyRequest, { guard, tickets }: AccessParts): Caller {
  const { token } = request.query as { token?: unknown }
  const { authorization, origin = '' } = request.headers
  if (typeof token !== 'string') return guard.identify(authorization, request.ip)
  const path = request.routeOptions.url ?? ''
  const caller = tickets.redeem(token, { origin, path })
  if (!caller) throw new MusterError('ticket-refused')
  return caller
}
