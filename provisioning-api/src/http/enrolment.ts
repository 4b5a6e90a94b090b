import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import { EnrolmentRequest } from '../../contract/call-home.ts'
import type { EnrolmentWindow } from '../enrolment.ts'
import type { Access } from './access.ts'
import { invalidBody } from './invalid-body.ts'

type Parts = { access: Access; enrolment: EnrolmentWindow }

/** The window in which machines without a credential may call home. */
export function enrolmentRoutes(app: FastifyInstance, { access, enrolment }: Parts): void {
  app.get('/api/enrolment', { onRequest: access.needs('read') }, async () => enrolment.current())

  app.post('/api/enrolment', { onRequest: access.needs('operate') }, async (request) => {
    if (request.body === null || typeof request.body !== 'object')
      throw new MusterError('body-unreadable')
    const parsed = EnrolmentRequest.safeParse(request.body)
    if (!parsed.success) throw invalidBody(parsed.error)
    const { minutes, machine } = parsed.data
    if (minutes > 0) enrolment.open(minutes, machine ?? null)
    else enrolment.close()
    request.log.info(enrolment.current(), 'enrolment window changed')
    return enrolment.current()
  })
}
