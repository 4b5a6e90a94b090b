import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { CallHome } from '../../contract/call-home.ts'
import type { Acceptance, Acceptor, Target } from '../acceptance.ts'
import { canonicalAddress } from '../address.ts'
import { arrive } from '../boot/arrival.ts'
import type { BootParts } from '../boot/boot-parts.ts'
import { type Caller, proofOf } from '../boot/call-home-secret.ts'
import type { KnownHosts } from '../boot/known-hosts.ts'
import type { EnrolmentWindow } from '../enrolment.ts'
import type { MachineStore } from '../store/machines.ts'
import type { Access } from './access.ts'
import { invalidBody } from './invalid-body.ts'

type Parts = {
  access: Access
  acceptor: Acceptor
  enrolment: EnrolmentWindow
  machines: MachineStore
  boot: BootParts
  knownHosts: KnownHosts
  allowLoopback: boolean
}

/** `POST /api/ready-for-provisioning`: the one call a new machine makes. */
export function callHomeRoute(app: FastifyInstance, parts: Parts): void {
  const { access } = parts
  app.post(
    '/api/ready-for-provisioning',
    { onRequest: access.optionalOperator },
    async (request, reply) => {
      const { target, secret } = readCallHome(request.body, parts.allowLoopback)
      const hasKey = access.hasCaller(request)
      const isKnown = mayEnrol(parts, target)
      const acceptance = await heard(parts, { target, secret, hasKey, isKnown })
      return answer(reply, target.name, acceptance)
    },
  )
}

/** @throws MusterError when the caller does not prove to be the machine of its name */
async function heard(parts: Parts, caller: Caller): Promise<Acceptance> {
  const { boot, acceptor } = parts
  const { target } = caller
  const machine = boot.bootMachines.byName(target.name)
  const proof = proofOf(machine, caller, boot.now())
  if (proof === 'repeated') return { outcome: 'repeated' }
  if (proof === 'open' || !machine) return acceptor.callHome(target)
  return arrive(parts, machine, { target, proof })
}

/** Without a key: any machine in an open window, else only one that was accepted before at this address. */
function mayEnrol({ enrolment, machines }: Parts, { name, address }: Target): boolean {
  return enrolment.admits(name) || machines.get(name)?.ip_address === address
}

function answer(reply: FastifyReply, name: string, { outcome }: Acceptance): FastifyReply {
  switch (outcome) {
    case 'accepted':
      return reply.code(202).send({
        message: `Accepted provisioning request for ${name}. Ansible playbook started.`,
      })
    case 'repeated':
      return reply
        .code(202)
        .send({ message: `${name} was provisioned a moment ago. No second run was started.` })
    case 'busy':
      return sendBusy(reply, name)
  }
}

export const sendBusy = (reply: FastifyReply, name: string): FastifyReply =>
  reply.code(409).send({ message: `Provisioning for ${name} is already in progress.` })

/** @throws MusterError 400 or 422, before anything is stored */
export function readCallHome(
  body: unknown,
  allowLoopback: boolean,
): { target: Target; secret: CallHome['secret'] } {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new MusterError('body-unreadable')
  const fields = body as Record<string, unknown>
  if ([fields.ip_address, fields.hostname].some(isMissing))
    throw new MusterError('machine-fields-missing')
  const parsed = CallHome.safeParse(body)
  if (!parsed.success) throw invalidBody(parsed.error)
  const { ip_address, hostname: name, secret } = parsed.data
  const result = canonicalAddress(ip_address, allowLoopback)
  if ('address' in result) return { target: { name, address: result.address }, secret }
  const loc = ['body', 'ip_address']
  throw new MusterError('body-invalid', { issues: [{ loc, msg: result.problem, type: 'custom' }] })
}

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''
