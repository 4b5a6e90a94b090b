import { Enrolment, Job, LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Passed, ProvisioningClient } from './provisioning-client.ts'

const Accepted = z.object({ message: z.string(), job_id: z.string() })
const From = z.coerce.number().int().nonnegative().catch(0)

const pass = (reply: FastifyReply, { status, body }: Passed<unknown>) =>
  reply.code(status).send(body)

/** The part of the provisioning API that the page uses, with the page's own key and session. */
export function provisioningRoutes(app: FastifyInstance, api: ProvisioningClient): void {
  app.get('/api/machines', async (_, reply) =>
    pass(reply, await api.call('GET', '/api/machines', z.array(Machine))),
  )
  app.post<{ Params: { name: string } }>(
    '/api/machines/:name/provision',
    async ({ params }, reply) => {
      const path = `/api/machines/${encodeURIComponent(params.name)}/provision`
      return pass(reply, await api.call('POST', path, Accepted))
    },
  )
  app.get<{ Params: { id: string } }>('/api/jobs/:id', async ({ params }, reply) =>
    pass(reply, await api.call('GET', `/api/jobs/${encodeURIComponent(params.id)}`, Job)),
  )
  app.get<{ Params: { id: string }; Querystring: { from?: string } }>(
    '/api/jobs/:id/log',
    async ({ params, query }, reply) => {
      const path = `/api/jobs/${encodeURIComponent(params.id)}/log?from=${From.parse(query.from)}`
      return pass(reply, await api.call('GET', path, LogPiece))
    },
  )
  app.get('/api/enrolment', async (_, reply) =>
    pass(reply, await api.call('GET', '/api/enrolment', Enrolment)),
  )
}
