import { causeChain, type ErrorCode, MusterError } from '@muster/base/errors.ts'
import type { Logger } from 'pino'
import type { Expert } from '../../contract/expert.ts'
import {
  type ChatAnswer,
  type ChatBackend,
  type ChatBody,
  type ChatChunk,
  hasSubstance,
} from './chat.ts'
import { type Candidate, chooseExpert } from './choose-expert.ts'
import type { ConsulState, Directory } from './directory.ts'
import type { EmbeddedExpert } from './embedded-expert.ts'
import type { LlamaClient } from './llama-client.ts'

/** How long an expert that failed is asked last. */
const SUSPECT_MS = 5_000
export const EMBEDDED = 'embedded'

export type ExpertParts = {
  directory: Pick<Directory, 'experts' | 'state'>
  llama: Pick<LlamaClient, 'at'>
  embedded: Pick<EmbeddedExpert, 'ready' | 'detail' | 'model' | keyof ChatBackend>
  log: Logger
}

/** Who answers and why, in a sentence. */
export type Chosen = { expert: string; reason: string }
export type ChatRequest = { asked: string | undefined; body: ChatBody; signal: AbortSignal }

/** All experts behind one door: chooses, goes on to the next before the first token, remembers failures. */
export class Experts {
  readonly #parts: ExpertParts
  readonly #pending = new Map<string, number>()
  readonly #suspects = new Map<string, number>()

  constructor(parts: ExpertParts) {
    this.#parts = parts
  }

  get consul(): ConsulState {
    return this.#parts.directory.state
  }

  /** Those of the cluster sorted by id, then the embedded one. */
  list(): Expert[] {
    const { directory, embedded } = this.#parts
    const cluster = directory.experts.map(
      ({ origin: _, ...expert }): Expert => ({ ...expert, kind: 'cluster', fallback: false }),
    )
    const detail = embedded.detail
    return [
      ...cluster,
      {
        id: EMBEDDED,
        name: EMBEDDED,
        kind: 'embedded',
        node: null,
        model: embedded.model,
        fallback: true,
        healthy: embedded.ready,
        ...(detail ? { detail } : {}),
      },
    ]
  }

  canAnswer(): boolean {
    return this.list().some(({ healthy }) => healthy)
  }

  /**
   * Streams an answer. Resolves once an expert has begun: until then the next one is tried.
   * The chunks throw `expert-lost` when the answer is cut after that.
   */
  stream(request: ChatRequest): Promise<Chosen & { chunks: AsyncGenerator<ChatChunk> }> {
    return this.#try(request, async (id, backend) => {
      const chunks = backend.stream(request.body, request.signal)
      const release = this.#hold(id)
      try {
        return { chunks: this.#go(id, await begin(chunks), chunks, release) }
      } catch (error) {
        release()
        throw error
      }
    })
  }

  /** The whole answer at once. */
  complete(request: ChatRequest): Promise<Chosen & { answer: ChatAnswer }> {
    return this.#try(request, async (id, backend) => {
      const release = this.#hold(id)
      try {
        return { answer: await backend.complete(request.body, request.signal) }
      } finally {
        release()
      }
    })
  }

  async #try<T extends object>(
    { asked, body, signal }: ChatRequest,
    attempt: (id: string, backend: ChatBackend) => Promise<T>,
  ): Promise<Chosen & T> {
    const choice = chooseExpert(this.#candidates(body), asked)
    if (!choice.order) throw new MusterError(choice.error, { asked })
    let reason = choice.reason
    for (const id of choice.order) {
      const backend = this.#backend(id)
      if (!backend) continue
      try {
        return { expert: id, reason, ...(await attempt(id, backend)) }
      } catch (error) {
        if (signal.aborted || isFinal(error)) throw error
        this.#suspect(id, error)
        reason = `Chosen because ${id} did not answer.`
      }
    }
    throw new MusterError('no-expert')
  }

  /** The embedded expert takes no tools. */
  #candidates(body: ChatBody): Candidate[] {
    const now = Date.now()
    const withTools = Array.isArray(body.tools) && body.tools.length > 0
    return this.list().map(({ id, name, kind, healthy }) => ({
      id,
      name,
      kind,
      healthy: healthy && !(withTools && kind === 'embedded'),
      pending: this.#pending.get(id) ?? 0,
      suspect: (this.#suspects.get(id) ?? 0) > now,
    }))
  }

  #backend(id: string): ChatBackend | undefined {
    if (id === EMBEDDED) return this.#parts.embedded
    const expert = this.#parts.directory.experts.find((each) => each.id === id)
    return expert && this.#parts.llama.at(expert.origin)
  }

  async *#go(
    id: string,
    first: readonly ChatChunk[],
    rest: AsyncGenerator<ChatChunk>,
    release: () => void,
  ): AsyncGenerator<ChatChunk> {
    try {
      yield* first
      yield* rest
    } catch (error) {
      if (error instanceof MusterError && error.code === 'expert-lost') this.#suspect(id, error)
      throw error
    } finally {
      release()
      await rest.return(undefined)
    }
  }

  #hold(id: string): () => void {
    this.#pending.set(id, (this.#pending.get(id) ?? 0) + 1)
    return () => {
      const left = (this.#pending.get(id) ?? 1) - 1
      if (left > 0) this.#pending.set(id, left)
      else this.#pending.delete(id)
    }
  }

  #suspect(id: string, error: unknown): void {
    this.#suspects.set(id, Date.now() + SUSPECT_MS)
    this.#parts.log.warn(`${id} failed and is asked last for a while: ${causeChain(error)}`)
  }
}

/** What the client asked wrongly: no other expert would do better. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['context-too-long', 'expert-refused'])
const isFinal = (error: unknown): boolean => error instanceof MusterError && FINAL.has(error.code)

/** Reads until the answer has visibly begun. */
async function begin(chunks: AsyncGenerator<ChatChunk>): Promise<ChatChunk[]> {
  const read: ChatChunk[] = []
  for (;;) {
    const { value, done } = await chunks.next()
    if (done) return read
    read.push(value)
    if (hasSubstance(value)) return read
  }
}
