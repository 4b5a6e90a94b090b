import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance } from 'fastify'
import type { Acceptor } from '../acceptance.ts'
import type { MachineList } from '../boot/machine-list.ts'
import type { Access } from './access.ts'
import { sendBusy } from './call-home.ts'

type Parts = { access: Access; list: MachineList; acceptor: Acceptor }
type ByName = { Params: { name: string } }

/** What we know of the machines, and running their provisioning again. */
export function machineRoutes(app: FastifyInstance, { access, list, acceptor }: Parts): void {
  const onRequest = access.needs('read')

  app.get('/api/machines', { onRequest }, async () => list.all())

  app.get<ByName>('/api/machines/:name', { onRequest }, async (request) =>
    list.one(request.params.name),
  )

  app.post<ByName>(
    '/api/machines/:name/provision',
    { onRequest: access.needs('operate') },
    async (request, reply) => {
      const { name, row, boot } = list.find(request.params.name)
      // Without an installed system that called home there is nothing to run on.
      if (!row || (boot && boot.state !== 'enrolled'))
        throw new MusterError('machine-not-now', { state: boot?.state })
      const acceptance = await acceptor.run({ name, address: row.ip_address })
      if (acceptance.outcome !== 'accepted') return sendBusy(reply, name)
      const message = `Accepted provisioning request for ${name}. Ansible playbook started.`
      return reply.code(202).send({ message, job_id: acceptance.jobId })
    },
  )
}
