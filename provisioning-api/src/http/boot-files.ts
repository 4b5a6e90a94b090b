import { stat } from 'node:fs/promises'
import path from 'node:path'
import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'

/** Plain names only: no dot file, no way up, nothing that a file system reads in its own way. */
const PLACE = /^(?:[A-Za-z0-9][A-Za-z0-9._+~:@%=-]*\/)*[A-Za-z0-9][A-Za-z0-9._+~:@%=-]*$/

type Folders = { www: string; debian: string }

/**
 * `GET /boot/files/*` and `GET /debian/*`, with byte ranges. Public: who fetches an image checks its
 * SHA-256, who fetches a package its signature.
 */
export function bootFileRoutes(app: FastifyInstance, { www, debian }: Folders): void {
  const serve = (url: string, folder: string) =>
    app.get<{ Params: { '*': string } }>(url, async (request, reply) => {
      const place = request.params['*']
      if (!PLACE.test(place) || !(await isFile(path.join(folder, place))))
        throw new MusterError('not-found')
      return reply.sendFile(place, folder)
    })
  serve('/boot/files/*', www)
  serve('/debian/*', debian)
}

const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
