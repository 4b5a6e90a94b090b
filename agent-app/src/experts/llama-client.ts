import { readFile } from 'node:fs/promises'
import { MusterError } from '@muster/base/errors.ts'
import { createParser } from 'eventsource-parser'
import { Agent, type Dispatcher } from 'undici'
import { z } from 'zod'
import { ChatAnswer, type ChatBackend, type ChatBody, ChatChunk } from './chat.ts'

export type LlamaOptions = {
  /** A file with the bearer key; read for each request, so a new key needs no restart. */
  keyFile?: string | undefined
  connectMs?: number
  /** Longest wait for the first byte: an old machine reads a long prompt slowly. */
  firstByteMs?: number
  /** Longest silence inside an answer. */
  stallMs?: number
}

/** An answer without a stream comes at its end only. */
const WHOLE_ANSWER_MS = 600_000
const MAX_ERROR_BYTES = 65_536

const ServerError = z.object({
  error: z.object({ message: z.string().default(''), type: z.string().nullish() }),
})

/** Speaks to llama-servers. One for all experts: `at` gives the backend of one address. */
export class LlamaClient {
  readonly #agent: Agent
  readonly #keyFile: string | undefined
  readonly #firstByteMs: number
  readonly #stallMs: number

  constructor({
    keyFile,
    connectMs = 3_000,
    firstByteMs = 60_000,
    stallMs = 15_000,
  }: LlamaOptions = {}) {
    this.#agent = new Agent({ connect: { timeout: connectMs } })
    this.#keyFile = keyFile
    this.#firstByteMs = firstByteMs
    this.#stallMs = stallMs
  }

  /** @param origin `http://<address>:<port>` */
  at(origin: string): ChatBackend {
    return {
      stream: (body, signal) => this.#stream(origin, body, signal),
      complete: (body, signal) => this.#complete(origin, body, signal),
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async *#stream(origin: string, body: ChatBody, signal: AbortSignal): AsyncGenerator<ChatChunk> {
    const whole = { ...body, stream: true }
    const response = await this.#post(origin, whole, { signal, waitMs: this.#firstByteMs })
    let ended = false
    const events: string[] = []
    const parser = createParser({ onEvent: ({ data }) => events.push(data) })
    const decoder = new TextDecoder()
    try {
      for await (const bytes of response) {
        parser.feed(decoder.decode(bytes as Uint8Array, { stream: true }))
        for (const data of events.splice(0)) {
          if (data === '[DONE]') return
          const chunk = readEvent(data)
          ended ||= chunk.choices.some(({ finish_reason }) => finish_reason != null)
          yield chunk
        }
      }
    } catch (error) {
      throw asExpertError(error, signal)
    }
    if (!ended) throw new MusterError('expert-lost', { origin })
  }

  async #complete(origin: string, body: ChatBody, signal: AbortSignal): Promise<ChatAnswer> {
    const response = await this.#post(origin, body, { signal, waitMs: WHOLE_ANSWER_MS })
    try {
      return ChatAnswer.parse(await response.json())
    } catch (error) {
      throw asExpertError(error, signal)
    }
  }

  /** A connection of its own each time: llama-server closes it after a stream, whatever it promised. */
  async #post(
    origin: string,
    body: ChatBody,
    { signal, waitMs }: { signal: AbortSignal; waitMs: number },
  ): Promise<Dispatcher.ResponseData['body']> {
    const key = await this.#key()
    const response = await this.#agent
      .request({
        origin,
        path: '/v1/chat/completions',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key ? { authorization: `Bearer ${key}` } : {}),
        },
        body: JSON.stringify(body),
        reset: true,
        signal,
        headersTimeout: waitMs,
        bodyTimeout: Math.min(waitMs, this.#stallMs),
      })
      .catch((error: unknown) => {
        throw asExpertError(error, signal)
      })
    if (response.statusCode === 200) return response.body
    throw await refusal(response)
  }

  async #key(): Promise<string | undefined> {
    if (!this.#keyFile) return undefined
    return (await readFile(this.#keyFile, 'utf8').catch(() => '')).trim() || undefined
  }
}

function readEvent(data: string): ChatChunk {
  const value: unknown = JSON.parse(data)
  const failure = ServerError.safeParse(value)
  if (failure.success)
    throw new MusterError('expert-lost', { upstream: failure.data.error.message })
  return ChatChunk.parse(value)
}

/** An error answer of llama-server as ours. What the client did wrong must not be tried elsewhere. */
async function refusal({ statusCode, body }: Dispatcher.ResponseData): Promise<MusterError> {
  const text = (await body.text().catch(() => '')).slice(0, MAX_ERROR_BYTES)
  const { message, type } = readRefusal(text)
  if (type === 'exceed_context_size_error') return new MusterError('context-too-long')
  const ours = statusCode >= 500 || [401, 403, 404, 408, 429].includes(statusCode)
  if (ours) return new MusterError('expert-lost', { upstreamStatus: statusCode, message })
  return new MusterError('expert-refused', { upstreamStatus: statusCode, upstreamMessage: message })
}

function readRefusal(text: string): { message: string; type?: string | null | undefined } {
  try {
    return ServerError.parse(JSON.parse(text)).error
  } catch {
    return { message: text.slice(0, 200) }
  }
}

const asExpertError = (error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted || error instanceof MusterError) return error
  return new MusterError('expert-lost', {}, { cause: error })
}
