import {
  AcceptRequest,
  AcceptWindow,
  AcceptWindowRequest,
  BootBinaryRequest,
} from '@muster/provisioning-api/contract/boot.ts'
import { LogPiece } from '@muster/provisioning-api/contract/job.ts'
import { Machine } from '@muster/provisioning-api/contract/machine.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

export type GuardedRoute = [
  method: 'GET' | 'POST',
  url: string,
  handler: (request: FastifyRequest, reply: FastifyReply) => unknown,
]
/** A request as it came: `of` is a machine's name, or `window`. */
export type Wanted = { of: string; action: string; body: unknown }

const CLOSED: AcceptWindow = {
  open: false,
  until: null,
  macs: [],
  mode: 'image',
  disk: 'only',
  erase: false,
}
const BODIES = {
  accept: AcceptRequest,
  reinstall: AcceptRequest,
  retire: z.undefined(),
  'boot-binary': BootBinaryRequest,
}
const ByName = z.object({ name: z.string() })

/** The routes of network boot, held to their contract. */
export class FakeInstaller {
  acceptWindow = CLOSED
  /** By machine: what it said while it was installed. */
  bootLogs = new Map<string, string>()
  /** The answer to everything that is asked of a machine, or null to agree. */
  refusal: { status: number; body: object } | null = null
  /** What was asked, in order. */
  readonly wanted: Wanted[] = []
  /** What becomes of the machines when something is asked. */
  onWanted: (wanted: Wanted) => void = () => {}

  serve(route: (...row: GuardedRoute) => void, machines: () => Machine[]): void {
    for (const [action, schema] of Object.entries(BODIES))
      route('POST', `/api/machines/:name/${action}`, ({ params, body }, reply) => {
        schema.parse(body ?? undefined)
        const wanted = { of: ByName.parse(params).name, action, body }
        const place = machines().findIndex(({ name }) => name === wanted.of)
        this.wanted.push(wanted)
        if (this.refusal) return reply.code(this.refusal.status).send(this.refusal.body)
        this.onWanted(wanted)
        return Machine.parse(machines()[place])
      })
    route('GET', '/api/machines/:name/boot-log', ({ params, query }, reply) => {
      const { from } = z.object({ from: z.coerce.number() }).parse(query)
      const log = this.bootLogs.get(ByName.parse(params).name)
      if (log === undefined) return reply.code(404).send({ detail: 'No such machine.' })
      return LogPiece.parse({ text: log.slice(from), next: log.length, done: true })
    })
    this.#serveWindow(route)
  }

  #serveWindow(route: (...row: GuardedRoute) => void): void {
    route('GET', '/api/accept-window', () => AcceptWindow.parse(this.acceptWindow))
    route('POST', '/api/accept-window', ({ body }) => {
      const { minutes, ...rest } = AcceptWindowRequest.parse(body)
      this.wanted.push({ of: 'window', action: 'set', body })
      this.acceptWindow =
        minutes > 0 ? { ...rest, open: true, until: '2026-05-01T15:40:00Z' } : CLOSED
      return AcceptWindow.parse(this.acceptWindow)
    })
  }
}
