import type { FastifyInstance } from 'fastify'
import { EnrolmentRequest } from '../../contract/call-home.ts'
import type { EnrolmentWindow } from '../enrolment.ts'
import type { Access } from './access.ts'
import { readBody } from './read-input.ts'

type Parts = { access: Access; enrolment: EnrolmentWindow }

/** The window in which machines without a credential may call home. */
export function enrolmentRoutes(app: FastifyInstance, { access, enrolment }: Parts): void {
  app.get('/api/enrolment', { onRequest: access.needs('read') }, async () => enrolment.current())

  app.post('/api/enrolment', { onRequest: access.needs('operate') }, async (request) => {
    const { minutes, machine } = readBody(EnrolmentRequest, request.body)
    if (minutes > 0) enrolment.open(minutes, machine ?? null)
    else enrolment.close()
    request.log.info(enrolment.current(), 'enrolment window changed')
    return enrolment.current()
  })
}
