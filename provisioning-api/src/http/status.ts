import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { Job, StatusJob } from '../../contract/job.ts'
import type { JobFiles } from '../jobs/job-files.ts'
import { readTail } from '../jobs/job-log.ts'
import type { JobStore } from '../store/jobs.ts'
import { statusView } from '../views.ts'
import type { Access } from './access.ts'

type Parts = { access: Access; jobs: JobStore; files: JobFiles }

/** The original's status routes: the latest job of each machine. */
export function statusRoutes(app: FastifyInstance, { access, jobs, files }: Parts): void {
  const onRequest = access.needs('read')
  const view = async (job: Job): Promise<StatusJob> =>
    statusView(job, await readTail(files.log(job.id)))

  app.get('/api/provisioning/status', { onRequest }, async () => {
    const entries: [string, StatusJob][] = []
    for (const job of jobs.latest()) entries.push([job.machine, await view(job)])
    return Object.fromEntries(entries)
  })

  app.get<{ Params: { hostname: string } }>(
    '/api/provisioning/status/:hostname',
    { onRequest },
    async (request) => {
      const job = jobs.latestOf(request.params.hostname.toLowerCase())
      if (!job) throw new MusterError('job-unknown-host')
      return view(job)
    },
  )
}
