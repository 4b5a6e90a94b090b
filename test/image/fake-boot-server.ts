import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { until } from '../lab/until.ts'

/** What a machine told, in order: the route and the parsed body. */
export type Told = { route: string; body: Record<string, unknown>; at: number }

/** Speaks the routes that the live system and the first boot use, and decides nothing: a test says what it answers. */
export class FakeBootServer {
  /** Answer of `/boot/facts`, as `key=value` lines. */
  plan: Record<string, string | number> = { action: 'local', reason: 'nothing to do' }
  /** Answer of `/boot/identity`. */
  identity: Buffer = Buffer.alloc(1024)
  /** Files on the disk of this machine by their path in a URL. */
  readonly files = new Map<string, string>()
  /** Texts by their path in a URL; a function is asked each time. */
  readonly texts = new Map<string, (query: URLSearchParams) => string>()
  /** Breaks a download off after this many bytes, this many times. */
  cuts = { after: 0, times: 0 }
  readonly told: Told[] = []
  /** Routes asked for with GET. */
  readonly asked: { route: string; at: number }[] = []
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy())
    })
  }

  /** Listens; a port of 0 finds a free one. */
  static async start({ host = '127.0.0.1', port = 0 } = {}): Promise<FakeBootServer> {
    const server = new FakeBootServer()
    await new Promise<void>((resolve) => server.#server.listen(port, host, resolve))
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Waits for what a machine tells on a route. @throws Error after `seconds` */
  async hears(route: string, seconds = 60): Promise<Told> {
    return until(
      `${route} is told`,
      async () => this.told.find((each) => each.route === route),
      seconds,
    )
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
    if (request.method === 'POST') {
      const body = JSON.parse(await text(request)) as Record<string, unknown>
      this.told.push({ route: pathname, body, at: performance.now() })
      return this.#post(pathname, response)
    }
    this.asked.push({ route: pathname, at: performance.now() })
    const file = this.files.get(pathname)
    if (file) return this.#send(file, request, response)
    const told = this.texts.get(pathname)
    response.statusCode = told ? 200 : 404
    response.end(told?.(searchParams) ?? 'nothing there\n')
  }

  #post(route: string, response: ServerResponse): void {
    if (route === '/boot/progress') {
      response.statusCode = 204
      response.end()
    } else if (route === '/boot/facts') {
      const lines = Object.entries(this.plan).map(([key, value]) => `${key}=${value}\n`)
      response.end(lines.join(''))
    } else if (route === '/boot/identity') response.end(this.identity)
    else response.end('ok\n')
  }

  async #send(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { size } = await stat(file)
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    if (from >= size) {
      response.writeHead(416).end()
      return
    }
    response.writeHead(request.headers.range ? 206 : 200, { 'content-length': size - from })
    const cut = this.cuts.times > 0 && this.cuts.times-- > 0
    const end = cut ? Math.min(size, from + this.cuts.after) - 1 : undefined
    const stream = createReadStream(file, { start: from, ...(end !== undefined && { end }) })
    stream.pipe(response, { end: !cut })
    if (cut) stream.on('end', () => response.socket?.destroySoon())
  }
}
