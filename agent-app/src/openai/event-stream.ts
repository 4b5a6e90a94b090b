import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const PING_MS = 15_000

/** Server-sent events on one answer. Waits for a slow reader instead of piling up. */
export class EventStream {
  readonly #raw: ServerResponse
  readonly #ping: NodeJS.Timeout

  constructor(reply: FastifyReply, headers: Readonly<Record<string, string>>) {
    reply.hijack()
    this.#raw = reply.raw
    this.#raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    // Comments only: SDKs trip over events that hold nothing but `retry:` or `id:`.
    this.#ping = setInterval(() => this.#raw.write(': ping\n\n'), PING_MS)
    this.#raw.once('close', () => clearInterval(this.#ping))
  }

  async send(data: object | '[DONE]', signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    if (this.#raw.write(`data: ${text}\n\n`)) return
    await once(this.#raw, 'drain', { signal }).catch(() => {})
  }

  end(): void {
    clearInterval(this.#ping)
    this.#raw.end()
  }
}
