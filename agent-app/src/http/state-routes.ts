import { causeChain, MusterError } from '@muster/base/errors.ts'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Conversations } from '../conversation/conversations.ts'
import type { Experts } from '../experts/experts.ts'
import {
  SnapshotDamaged,
  SnapshotMissing,
  SnapshotName,
  type Snapshots,
} from '../state/snapshots.ts'

export type StateParts = { snapshots: Snapshots; conversations: Conversations; experts: Experts }

const Body = z.looseObject({ save_name: z.unknown().optional() })
const INVALID_NAME =
  'Invalid save_name. Use letters, digits, dot, dash and underscore, at most 64, without "..".'

/** The original's snapshot routes: every answer is `{"message"}`. */
export function stateRoutes(app: FastifyInstance, parts: StateParts): void {
  const { snapshots, conversations, experts } = parts
  const withName = async (
    body: unknown,
    reply: FastifyReply,
    work: (name: string) => Promise<FastifyReply>,
  ) => {
    const parsed = Body.safeParse(body)
    if (!parsed.success || Array.isArray(body)) throw notAnObject()
    const name = parsed.data.save_name
    if (!name) return say(reply, 400, 'save_name is required')
    if (!SnapshotName.safeParse(name).success) return say(reply, 400, INVALID_NAME)
    if (!experts.canAnswer()) return say(reply, 503, 'Agent not fully initialized.')
    return work(name as string)
  }

  app.post('/api/state/save', async ({ body, log }, reply) =>
    withName(body, reply, async (name) => {
      try {
        await snapshots.save(name, async () => {
          return { version: 1, conversations: mutable(await conversations.all()) }
        })
        return say(reply, 200, `Successfully saved state to '${name}'`)
      } catch (error) {
        log.error(`The snapshot ${name} was not saved: ${causeChain(error)}`)
        return say(reply, 500, 'Error saving state: nothing was changed, the log says why.')
      }
    }),
  )

  app.post('/api/state/load', async ({ body, log }, reply) =>
    withName(body, reply, async (name) => {
      try {
        await snapshots.load(name, (memory) => conversations.restore(memory.conversations))
        return say(reply, 200, `Successfully loaded state from '${name}'`)
      } catch (error) {
        if (error instanceof SnapshotMissing)
          return say(reply, 404, `Error: Save state '${name}' not found.`)
        log.error(`The snapshot ${name} was not loaded: ${causeChain(error)}`)
        const damaged = error instanceof SnapshotDamaged ? error.message : 'the log says why'
        return say(reply, 500, `Error loading state: ${damaged}.`)
      }
    }),
  )
}

const say = (reply: FastifyReply, status: number, message: string): FastifyReply =>
  reply.code(status).send({ message })

const notAnObject = (): MusterError =>
  new MusterError('body-invalid', {
    issues: [{ loc: ['body'], msg: 'Input should be a valid dictionary' }],
  })

const mutable = <T>(all: Record<string, readonly T[]>): Record<string, T[]> =>
  Object.fromEntries(Object.entries(all).map(([id, list]) => [id, [...list]]))
