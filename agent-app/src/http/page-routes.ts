import { existsSync } from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

const NOT_BUILT = 'Mission Control is not built yet. Run: npm run web:build\n'

/**
 * Mission Control: `<folder>/index.html` at `/`, everything else under `/static/`.
 * The folder may appear while the server runs.
 */
export async function pageRoutes(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, { root: folder, serve: false })
  const send = (reply: FastifyReply, file: string) => {
    if (existsSync(path.join(folder, 'index.html'))) return reply.sendFile(file)
    return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT)
  }
  app.get('/', (_, reply) => send(reply, 'index.html'))
  app.get<{ Params: { '*': string } }>('/static/*', ({ params }, reply) => send(reply, params['*']))
}
