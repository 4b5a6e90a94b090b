import cookie from '@fastify/cookie'
import websocket from '@fastify/websocket'
import { answerErrors } from '@muster/base/error-answer.ts'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type AccessParts, checkAccess } from './access/access.ts'
import type { Directory } from './experts/directory.ts'
import { docsRoutes } from './http/docs-routes.ts'
import { acceptEmptyJson } from './http/empty-json.ts'
import { loginRoutes } from './http/login-routes.ts'
import { pageRoutes } from './http/page-routes.ts'
import type { ProvisioningClient } from './http/provisioning-client.ts'
import { provisioningRoutes } from './http/provisioning-routes.ts'
import { addSecurityHeaders } from './http/security-headers.ts'
import { type StateParts, stateRoutes } from './http/state-routes.ts'
import { type StatusParts, statusRoutes } from './http/status-routes.ts'
import { webUiRoutes } from './http/web-uis.ts'
import { openAiRoutes } from './openai/openai-routes.ts'
import { rtviRoute } from './rtvi/rtvi-route.ts'
import type { LogFeed } from './ws/log-feed.ts'
import { MAX_MESSAGE_BYTES } from './ws/socket-care.ts'
import { wsRoute } from './ws/ws-route.ts'

export type AppParts = AccessParts &
  StatusParts &
  StateParts & {
    log: FastifyBaseLogger
    logFeed: LogFeed
    directory: Pick<Directory, 'client'>
    consulUrl: string
    provisioning: ProvisioningClient
    /** The built page: `web/dist`. */
    pageFolder: string
  }

/** The agent's server from its parts. Opens nothing; whoever opened the parts closes them. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true }),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
  }) as FastifyInstance
  answerErrors(app)
  acceptEmptyJson(app)
  addSecurityHeaders(app)
  await app.register(cookie)
  await app.register(websocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false },
  })
  checkAccess(app, parts)
  app.decorateRequest('conversationId', '')
  loginRoutes(app, parts)
  docsRoutes(app)
  statusRoutes(app, parts)
  webUiRoutes(app, parts)
  provisioningRoutes(app, parts.provisioning)
  stateRoutes(app, parts)
  wsRoute(app, parts)
  rtviRoute(app, parts)
  await openAiRoutes(app, parts)
  await pageRoutes(app, parts.pageFolder)
  return app
}
