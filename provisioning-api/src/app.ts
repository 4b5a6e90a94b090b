import { answerErrors } from '@muster/base/error-answer.ts'
import type { Guard } from '@muster/base/guard.ts'
import { type FastifyBaseLogger, type FastifyInstance, fastify } from 'fastify'
import type { Logger } from 'pino'
import type { Acceptor } from './acceptance.ts'
import type { EnrolmentWindow } from './enrolment.ts'
import { Access } from './http/access.ts'
import { artifactRoute } from './http/artifacts.ts'
import { type BootRouteParts, bootRoutes } from './http/boot-routes.ts'
import { callHomeRoute } from './http/call-home.ts'
import { docsRoutes } from './http/docs.ts'
import { enrolmentRoutes } from './http/enrolment.ts'
import { jobRoutes } from './http/jobs.ts'
import { machineRoutes } from './http/machines.ts'
import { statusRoutes } from './http/status.ts'
import type { JobFiles } from './jobs/job-files.ts'
import type { JobStore } from './store/jobs.ts'
import type { MachineStore } from './store/machines.ts'

export type AppParts = Omit<BootRouteParts, 'access'> & {
  guard: Guard
  acceptor: Acceptor
  enrolment: EnrolmentWindow
  machines: MachineStore
  jobs: JobStore
  files: JobFiles
  artifacts: string
  allowLoopback: boolean
  logger: Logger
}

const BODY_LIMIT = 64 * 1024
const REQUEST_TIMEOUT_MS = 30_000
const MAX_PARAMETER = 255

/** The server without its socket: every route of docs/ARCHITECTURE.md. */
export function buildApp(parts: AppParts): FastifyInstance {
  const app = fastify({
    loggerInstance: parts.logger as FastifyBaseLogger,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAMETER },
  })
  const routeParts = { ...parts, access: new Access(parts.guard) }
  answerErrors(app)
  callHomeRoute(app, routeParts)
  statusRoutes(app, routeParts)
  machineRoutes(app, routeParts)
  jobRoutes(app, routeParts)
  enrolmentRoutes(app, routeParts)
  bootRoutes(app, routeParts)
  docsRoutes(app, routeParts)
  artifactRoute(app, { folder: parts.artifacts })
  app.get('/health', async () => ({ status: 'ok' }))
  return app
}
