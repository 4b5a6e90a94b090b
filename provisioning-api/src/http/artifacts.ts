import { stat } from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'

/** One plain file name, of the store or of its models: no other folder, no dot file. */
const FILE = /^(?:models\/)?[A-Za-z0-9][A-Za-z0-9._+~-]{0,199}$/

/** `GET /artifacts/*`: what the plays fetch. Public; the play checks its SHA-256. */
export function artifactRoute(app: FastifyInstance, { folder }: { folder: string }): void {
  app.register(fastifyStatic, { root: folder, serve: false, index: false, dotfiles: 'deny' })
  app.get<{ Params: { '*': string } }>('/artifacts/*', async (request, reply) => {
    const file = request.params['*']
    if (!FILE.test(file) || !(await isFile(path.join(folder, file))))
      throw new MusterError('not-found')
    return reply.sendFile(file)
  })
}

const isFile = async (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
