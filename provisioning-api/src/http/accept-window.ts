import type { FastifyInstance } from 'fastify'
import { AcceptWindowRequest } from '../../contract/boot.ts'
import type { AcceptWindowStore } from '../boot/accept-window.ts'
import { builtParts, readBuilt, requireBuilt } from '../boot/built.ts'
import type { Access } from './access.ts'
import { readBody } from './read-input.ts'

type Parts = { access: Access; window: AcceptWindowStore; manifest: string }

/** The time in which listed machines are accepted when they are seen. */
export function acceptWindowRoutes(app: FastifyInstance, parts: Parts): void {
  const { access, window } = parts
  app.get('/api/accept-window', { onRequest: access.needs('read') }, async () => window.current())

  app.post('/api/accept-window', { onRequest: access.needs('operate') }, async (request) => {
    const asked = readBody(AcceptWindowRequest, request.body)
    if (asked.minutes > 0) requireBuilt(builtParts(await readBuilt(parts.manifest)), asked.mode)
    window.open(asked, access.callerId(request))
    request.log.info({ ...asked, by: access.callerId(request) }, 'accept window changed')
    return window.current()
  })
}
