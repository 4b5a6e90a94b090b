import {
  AcceptRequest,
  AcceptWindow,
  AcceptWindowRequest,
  BootBinaryRequest,
} from '@muster/provisioning-api/contract/boot.ts'
import { Enrolment, Job, LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { parseBody } from './parse.ts'
import type { Passed, ProvisioningClient } from './provisioning-client.ts'

const Accepted = z.object({ message: z.string(), job_id: z.string() })
const From = z.coerce.number().int().nonnegative().catch(0)

type ByName = { Params: { name: string } }
type ById = { Params: { id: string } }
type FromOffset = { Querystring: { from?: string } }

const pass = (reply: FastifyReply, { status, body }: Passed<unknown>) =>
  reply.code(status).send(body)

const machinePath = (name: string, rest: string): string =>
  `/api/machines/${encodeURIComponent(name)}/${rest}`

/** The part of the provisioning API that the page uses, with the page's own key and session. */
export function provisioningRoutes(app: FastifyInstance, api: ProvisioningClient): void {
  machineRoutes(app, api)
  jobRoutes(app, api)
  windowRoutes(app, api)
}

function machineRoutes(app: FastifyInstance, api: ProvisioningClient): void {
  app.get('/api/machines', async (_, reply) =>
    pass(reply, await api.get('/api/machines', z.array(Machine))),
  )
  app.get<ByName & FromOffset>('/api/machines/:name/boot-log', async ({ params, query }, reply) => {
    const path = machinePath(params.name, `boot-log?from=${From.parse(query.from)}`)
    return pass(reply, await api.get(path, LogPiece))
  })
  app.post<ByName>('/api/machines/:name/provision', async ({ params }, reply) =>
    pass(reply, await api.post(machinePath(params.name, 'provision'), Accepted)),
  )
  app.post<ByName>('/api/machines/:name/retire', async ({ params }, reply) =>
    pass(reply, await api.post(machinePath(params.name, 'retire'), Machine)),
  )
  const bodies = {
    accept: AcceptRequest,
    reinstall: AcceptRequest,
    'boot-binary': BootBinaryRequest,
  }
  for (const [action, schema] of Object.entries(bodies))
    app.post<ByName>(`/api/machines/:name/${action}`, async ({ params, body }, reply) =>
      pass(
        reply,
        await api.post(machinePath(params.name, action), Machine, parseBody(schema, body)),
      ),
    )
}

function jobRoutes(app: FastifyInstance, api: ProvisioningClient): void {
  app.get<ById>('/api/jobs/:id', async ({ params }, reply) =>
    pass(reply, await api.get(`/api/jobs/${encodeURIComponent(params.id)}`, Job)),
  )
  app.get<ById & FromOffset>('/api/jobs/:id/log', async ({ params, query }, reply) => {
    const path = `/api/jobs/${encodeURIComponent(params.id)}/log?from=${From.parse(query.from)}`
    return pass(reply, await api.get(path, LogPiece))
  })
}

/** The times in which machines are let in. */
function windowRoutes(app: FastifyInstance, api: ProvisioningClient): void {
  app.get('/api/enrolment', async (_, reply) =>
    pass(reply, await api.get('/api/enrolment', Enrolment)),
  )
  app.get('/api/accept-window', async (_, reply) =>
    pass(reply, await api.get('/api/accept-window', AcceptWindow)),
  )
  app.post('/api/accept-window', async ({ body }, reply) => {
    const request = parseBody(AcceptWindowRequest, body)
    return pass(reply, await api.post('/api/accept-window', AcceptWindow, request))
  })
}
