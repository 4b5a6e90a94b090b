import { docsPage, type Operation, openApiDocument } from '@muster/base/openapi.ts'
import type { FastifyInstance } from 'fastify'
import { routeTable } from '../access/route-table.ts'
import { summaries } from './operations.ts'

const TITLE = 'Muster: agent app'

/** The route table with what each row does; a row without a summary does not start. */
const operations = (): Operation[] =>
  routeTable.map(({ method, url, access }) => {
    const summary = summaries[`${method} ${url}`]
    if (!summary) throw new Error(`${method} ${url} has no summary in operations.ts`)
    return { method, path: url, access, ...summary }
  })

/** `GET /openapi.json`, `GET /docs`. */
export function docsRoutes(app: FastifyInstance): void {
  const all = operations()
  const document = openApiDocument(TITLE, all)
  app.get('/openapi.json', async () => document)
  app.get('/docs', async (_, reply) => reply.type('text/html').send(docsPage(TITLE, all)))
}
