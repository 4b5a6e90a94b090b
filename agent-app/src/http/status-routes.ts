import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { Progress } from '../../contract/progress.ts'
import type { Conversations } from '../conversation/conversations.ts'
import type { Experts } from '../experts/experts.ts'

export type StatusParts = {
  experts: Experts
  conversations: Conversations
  /** The file in which `up` writes its progress. */
  progressFile: string
}

/** What is going on, for people and for health checks. */
export function statusRoutes(app: FastifyInstance, parts: StatusParts): void {
  const { experts, conversations } = parts
  app.get('/health', async (_, reply) =>
    experts.canAnswer() ? { status: 'ok' } : reply.code(503).send({ status: 'initializing' }),
  )
  app.get('/api/status', async () => ({
    status: experts.canAnswer()
      ? statusText(conversations.live)
      : 'Agent not fully initialized. Please wait...',
    consul: experts.consul,
  }))
  app.get('/api/experts', async () => experts.list())
  app.get('/api/cluster', async () => readProgress(parts.progressFile))
}

/** The original's text: one line per pipeline. */
function statusText(live: readonly { id: string; state: string }[]): string {
  if (live.length === 0) return 'No active pipelines.'
  const lines = live.map(({ id, state }) => `- Task ${id}: ${state}\n`)
  return `Current pipeline status:\n${lines.join('')}`
}

/** Without a file nothing is being started. */
async function readProgress(file: string): Promise<Progress> {
  try {
    return Progress.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { cluster: false, steps: [] }
    throw error
  }
}
