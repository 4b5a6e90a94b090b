import { MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { CallHome } from '../../contract/call-home.ts'
import type { Acceptance, Acceptor, Target } from '../acceptance.ts'
import { canonicalAddress } from '../address.ts'
import type { EnrolmentWindow } from '../enrolment.ts'
import type { MachineStore } from '../store/machines.ts'
import type { Access } from './access.ts'
import { invalidBody } from './invalid-body.ts'

type Parts = {
  access: Access
  acceptor: Acceptor
  enrolment: EnrolmentWindow
  machines: MachineStore
  allowLoopback: boolean
}

/** `POST /api/ready-for-provisioning`: the one call a new machine makes. */
export function callHomeRoute(app: FastifyInstance, parts: Parts): void {
  const { access, acceptor } = parts
  app.post(
    '/api/ready-for-provisioning',
    { onRequest: access.optionalOperator },
    async (request, reply) => {
      const target = readCallHome(request.body, parts.allowLoopback)
      if (!access.hasCaller(request) && !mayEnrol(parts, target))
        throw new MusterError('key-missing')
      return answer(reply, target.name, await acceptor.callHome(target))
    },
  )
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
export function readCallHome(body: unknown, allowLoopback: boolean): Target {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new MusterError('body-unreadable')
  const fields = body as Record<string, unknown>
  if ([fields.ip_address, fields.hostname].some(isMissing))
    throw new MusterError('machine-fields-missing')
  const parsed = CallHome.safeParse(body)
  if (!parsed.success) throw invalidBody(parsed.error)
  const { ip_address, hostname: name } = parsed.data
  const result = canonicalAddress(ip_address, allowLoopback)
  if ('address' in result) return { name, address: result.address }
  const loc = ['body', 'ip_address']
  throw new MusterError('body-invalid', { issues: [{ loc, msg: result.problem, type: 'custom' }] })
}

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''
