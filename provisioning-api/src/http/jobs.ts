import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { Job, LogPiece } from '../../contract/job.ts'
import type { JobFiles } from '../jobs/job-files.ts'
import { readPiece } from '../jobs/job-log.ts'
import type { JobStore } from '../store/jobs.ts'
import { isEnded } from '../views.ts'
import type { Access } from './access.ts'
import { LogQuery } from './log-query.ts'
import { readInput } from './read-input.ts'

type Parts = { access: Access; jobs: JobStore; files: JobFiles }
type ById = { Params: { id: string } }

/** The runs and their logs. */
export function jobRoutes(app: FastifyInstance, { access, jobs, files }: Parts): void {
  const onRequest = access.needs('read')
  const find = (id: string): Job => {
    const job = jobs.get(id)
    if (!job) throw new MusterError('job-unknown')
    return job
  }

  app.get('/api/jobs', { onRequest }, async () => jobs.list())

  app.get<ById>('/api/jobs/:id', { onRequest }, async (request) => find(request.params.id))

  app.get<ById>('/api/jobs/:id/log', { onRequest }, async (request): Promise<LogPiece> => {
    const query = readInput(LogQuery, request.query, 'query')
    // The state is read before the file: a job that ends in between is only told as done next time.
    const job = find(request.params.id)
    const { text, next, size } = await readPiece(files.log(job.id), query.from)
    return { text, next, done: isEnded(job) && next >= size }
  })
}
