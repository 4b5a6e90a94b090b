import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GrantOnly } from '../../contract/boot.ts'
import { atomically, type BootParts } from '../boot/boot-parts.ts'
import { readBuilt } from '../boot/built.ts'
import { identityTar, readAuthorizedKey } from '../boot/identity-tar.ts'
import { type Holder, useGrant } from '../boot/installation.ts'
import { installerValues } from '../boot/installer-values.ts'
import { renderLate, renderPartman, renderPreseed } from '../boot/preseed.ts'
import { sha256Hex } from '../store/grants.ts'
import { holder, holderInPath } from './boot-install.ts'
import { baseUrl } from './machine-address.ts'
import { NO_HEAD } from './no-head.ts'
import { readBody } from './read-input.ts'

type Parts = {
  boot: BootParts
  manifest: string
  sshKey: string
  debianMirror: string | null
  syslogPort: number
}

/** What an installing machine fetches, each once per grant. */
export function bootArtefactRoutes(app: FastifyInstance, parts: Parts): void {
  app.post('/boot/identity', (request, reply) =>
    sendIdentity(parts, holder(request, readBody(GrantOnly, request.body).grant), {
      request,
      reply,
    }),
  )
  app.get('/boot/identity/:grant', NO_HEAD, (request, reply) =>
    sendIdentity(parts, holderInPath(request), { request, reply }),
  )

  for (const artefact of ['preseed', 'partman', 'late'] as const)
    app.get(`/boot/${artefact}/:grant`, NO_HEAD, async (request, reply) => {
      const by = holderInPath(request)
      const manifest = await readBuilt(parts.manifest)
      const { boot, syslogPort } = parts
      const asked = { base: baseUrl(request), manifest, now: boot.now(), syslogPort }
      const text = atomically(boot, () => {
        const machine = useGrant(boot, by, { artefact, event: 'fetched' })
        return TEXTS[artefact](installerValues(machine, { ...asked, grant: by.grant }))
      })
      return reply.type('text/plain; charset=utf-8').send(text)
    })
}

const TEXTS = { preseed: renderPreseed, partman: renderPartman, late: renderLate } as const

type Exchange = { request: FastifyRequest; reply: FastifyReply }

async function sendIdentity(
  { boot, sshKey, debianMirror }: Parts,
  by: Holder,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const authorizedKey = await readAuthorizedKey(sshKey)
  const secret = randomBytes(32).toString('hex')
  const change = { secret_hash: sha256Hex(secret), secret_used: null, secret_address: null }
  const use = { artefact: 'identity', event: 'fetched', change } as const
  const { name } = atomically(boot, () => useGrant(boot, by, use))
  const url = baseUrl(request)
  const tar = await identityTar({ name, url, secret, authorizedKey, mirror: debianMirror })
  return reply.type('application/x-tar').send(tar)
}
