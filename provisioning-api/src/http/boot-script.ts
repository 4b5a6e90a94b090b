import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Admission, admit } from '../boot/admission.ts'
import type { BootParts } from '../boot/boot-parts.ts'
import { BootQuery } from '../boot/boot-query.ts'
import { builtParts, readBuilt } from '../boot/built.ts'
import { installerValues } from '../boot/installer-values.ts'
import { installerCommandLine } from '../boot/preseed.ts'
import {
  firstScript,
  installerScript,
  liveScript,
  localScript,
  refuseScript,
  waitScript,
} from '../boot/scripts.ts'
import { baseUrl, sourceAddress } from './machine-address.ts'
import { NO_HEAD } from './no-head.ts'

type Parts = { boot: BootParts; manifest: string; syslogPort: number }

/** What machines ask when they start from the network. */
export function bootScriptRoutes(app: FastifyInstance, parts: Parts): void {
  app.get('/boot.ipxe', async (request, reply) => send(reply, firstScript(baseUrl(request))))

  app.get('/boot/script', NO_HEAD, async (request, reply) => {
    const query = BootQuery.safeParse(request.query)
    if (!query.success) {
      request.log.info({ issues: query.error.issues }, 'a machine asked in a way we cannot read')
      // iPXE takes 400 for a failed chain and starts the disk itself; the text is for a person with curl.
      return send(reply.code(400), localScript({ name: 'this machine', poll: false }))
    }
    const manifest = await readBuilt(parts.manifest)
    const asked = { query: query.data, address: sourceAddress(request) }
    const admission = admit(parts.boot, asked, builtParts(manifest))
    const { machine, decision } = admission
    request.log.info({ machine: machine.name, decision: decision.kind }, 'boot script')
    const asking = { base: baseUrl(request), poll: query.data.poll !== undefined, manifest }
    const [mac = ''] = query.data.macs
    return send(reply, scriptFor(admission, { ...asking, mac, syslogPort: parts.syslogPort }))
  })
}

type Asking = {
  base: string
  poll: boolean
  mac: string
  manifest: BootManifest
  syslogPort: number
}

function scriptFor({ machine, decision, grant = '' }: Admission, asking: Asking): string {
  const named = { ...asking, name: machine.name }
  switch (decision.kind) {
    case 'wait':
      return waitScript(named)
    case 'local':
      return localScript(named)
    case 'refuse':
      return refuseScript({ ...named, reason: decision.reason })
    case 'live':
      return liveScript({ ...named, grant })
    case 'installer': {
      const values = installerValues(machine, { ...asking, grant, now: Date.now() })
      return installerScript({ ...named, words: installerCommandLine(values) })
    }
  }
}

const send = (reply: FastifyReply, script: string): FastifyReply =>
  reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(script)
