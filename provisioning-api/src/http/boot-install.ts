import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  FactsReport,
  FailureReport,
  GrantOnly,
  GrantToken,
  ProgressReport,
} from '../../contract/boot.ts'
import { InstallStage } from '../../contract/machine.ts'
import type { BootParts } from '../boot/boot-parts.ts'
import { readBuilt } from '../boot/built.ts'
import {
  type Holder,
  reportFacts,
  reportFailure,
  reportInstalled,
  reportProgress,
} from '../boot/installation.ts'
import type { KnownHosts } from '../boot/known-hosts.ts'
import { planFor, planText } from '../boot/plan.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { sourceAddress } from './machine-address.ts'
import { NO_HEAD } from './no-head.ts'
import { readBody, readInput } from './read-input.ts'

type Parts = {
  boot: BootParts
  manifest: string
  knownHosts: KnownHosts
  /** Told when the cards of a machine may have changed. */
  onFacts: (machine: BootMachine) => Promise<void>
}
type ByGrant = { Params: { grant: string } }

/** What a machine says while it is installed. Its grant is its only proof. */
export function bootInstallRoutes(app: FastifyInstance, parts: Parts): void {
  const { boot } = parts

  app.post('/boot/facts', async (request, reply) => {
    const { grant, facts } = readBody(FactsReport, request.body)
    const manifest = await readBuilt(parts.manifest)
    const { machine, fit } = reportFacts(boot, holder(request, grant), { facts, manifest })
    await parts.onFacts(machine)
    const plan = planFor(fit, machine.mode ?? 'image', manifest)
    request.log.info({ machine: machine.name, ...plan }, 'facts')
    return reply.type('text/plain; charset=utf-8').send(planText(plan))
  })

  app.post('/boot/progress', async (request, reply) => {
    const { grant, ...progress } = readBody(ProgressReport, request.body)
    reportProgress(boot, holder(request, grant), progress)
    return reply.code(204).send()
  })

  app.get<{ Params: { grant: string; stage: string } }>(
    '/boot/beacon/:grant/:stage',
    NO_HEAD,
    async (request, reply) => {
      const stage = readInput(InstallStage, request.params.stage, 'path')
      reportProgress(boot, holderInPath(request), { stage })
      return reply.code(204).send()
    },
  )

  const installed = async (by: Holder, request: FastifyRequest, reply: FastifyReply) => {
    const machine = reportInstalled(boot, by)
    const known = machine && boot.machines.get(machine.name)
    // The system that had this address is gone, and its host key with it.
    if (known) await parts.knownHosts.forget([known.ip_address])
    request.log.info({ machine: machine?.name }, 'installed')
    return reply.type('text/plain; charset=utf-8').send('ok\n')
  }
  app.post('/boot/installed', (request, reply) =>
    installed(holder(request, readBody(GrantOnly, request.body).grant), request, reply),
  )
  app.get<ByGrant>('/boot/installed/:grant', NO_HEAD, (request, reply) =>
    installed(holderInPath(request), request, reply),
  )

  app.post('/boot/failed', async (request, reply) => {
    const { grant, ...failure } = readBody(FailureReport, request.body)
    reportFailure(boot, holder(request, grant), failure)
    return reply.code(204).send()
  })
}

export const holder = (request: FastifyRequest, grant: string): Holder => ({
  grant,
  address: sourceAddress(request),
})

/** A grant in a URL, for the installer's wget. The log shows `[redacted]` in its place. */
export function holderInPath(request: FastifyRequest): Holder {
  const { grant } = request.params as { grant: string }
  if (!GrantToken.safeParse(grant).success)
    throw new MusterError('grant-refused', { why: 'unknown' })
  return holder(request, grant)
}
