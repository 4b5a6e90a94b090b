import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { Acceptor } from '../acceptance.ts'
import type { JobStore } from '../store/jobs.ts'
import type { MachineRow, MachineStore } from '../store/machines.ts'
import { machineView } from '../views.ts'
import type { Access } from './access.ts'
import { sendBusy } from './call-home.ts'

type Parts = { access: Access; machines: MachineStore; jobs: JobStore; acceptor: Acceptor }
type ByName = { Params: { name: string } }

/** What we know of the machines, and running their provisioning again. */
export function machineRoutes(app: FastifyInstance, parts: Parts): void {
  const { access, machines, jobs, acceptor } = parts
  const onRequest = access.needs('read')
  const find = (name: string): MachineRow => {
    const row = machines.get(name.toLowerCase())
    if (!row) throw new MusterError('machine-unknown')
    return row
  }

  app.get('/api/machines', { onRequest }, async () => {
    const latest = new Map(jobs.latest().map((job) => [job.machine, job]))
    return machines.all().map((row) => machineView(row, latest.get(row.name)))
  })

  app.get<ByName>('/api/machines/:name', { onRequest }, async (request) => {
    const row = find(request.params.name)
    return machineView(row, jobs.latestOf(row.name))
  })

  app.post<ByName>(
    '/api/machines/:name/provision',
    { onRequest: access.needs('operate') },
    async (request, reply) => {
      const { name, ip_address: address } = find(request.params.name)
      const acceptance = await acceptor.run({ name, address })
      if (acceptance.outcome !== 'accepted') return sendBusy(reply, name)
      const message = `Accepted provisioning request for ${name}. Ansible playbook started.`
      return reply.code(202).send({ message, job_id: acceptance.jobId })
    },
  )
}
