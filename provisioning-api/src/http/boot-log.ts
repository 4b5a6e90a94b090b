import type { FastifyInstance } from 'fastify'
import type { LogPiece } from '../../contract/job.ts'
import type { BootLogs } from '../boot/boot-log.ts'
import { isToBeInstalled } from '../boot/identity.ts'
import type { MachineList } from '../boot/machine-list.ts'
import { networkMachine } from '../boot/operator.ts'
import { readPiece } from '../jobs/job-log.ts'
import type { Access } from './access.ts'
import { LogQuery } from './log-query.ts'
import { readInput } from './read-input.ts'

type Parts = { access: Access; list: MachineList; logs: BootLogs }

/** What a machine said while it was installed. */
export function bootLogRoute(app: FastifyInstance, { access, list, logs }: Parts): void {
  app.get<{ Params: { name: string } }>(
    '/api/machines/:name/boot-log',
    { onRequest: access.needs('read') },
    async (request): Promise<LogPiece> => {
      const { from } = readInput(LogQuery, request.query, 'query')
      const machine = networkMachine(list.find(request.params.name).boot)
      const { text, next, size } = await readPiece(logs.file(machine.id), from)
      const goesOn = isToBeInstalled(machine) || machine.state === 'installed'
      return { text, next, done: !goesOn && next >= size }
    },
  )
}
