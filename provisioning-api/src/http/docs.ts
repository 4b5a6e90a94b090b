import { docsPage, openApiDocument } from '@muster/base/openapi.ts'
import type { FastifyInstance } from 'fastify'
import type { Access } from './access.ts'
import { operations } from './operations.ts'

const TITLE = 'Muster: provisioning API'

/** `GET /openapi.json`, `GET /docs`. */
export function docsRoutes(app: FastifyInstance, { access }: { access: Access }): void {
  const onRequest = access.needs('read')
  app.get('/openapi.json', { onRequest }, async () => openApiDocument(TITLE, operations))
  app.get('/docs', { onRequest }, async (_, reply) =>
    reply.type('text/html').send(docsPage(TITLE, operations)),
  )
}
