import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How a fake llama-server answers a stream; `hold` sends its first words, then waits for `release`. */
export type FakeBehaviour = 'whole' | 'cut' | 'no-done' | 'stall' | 'loading' | 'too-long' | 'hold'

/** A llama-server for tests: real HTTP and SSE, scripted answers. */
export class FakeLlama {
  behaviour: FakeBehaviour = 'whole'
  readonly bodies: Record<string, unknown>[] = []
  readonly keys: (string | undefined)[] = []
  aborted = 0
  connections = 0
  readonly #server = createServer((request, response) => this.#serve(request, response))
  readonly #held = new Set<ServerResponse>()

  async listen(): Promise<this> {
    this.#server.on('connection', () => {
      this.connections += 1
    })
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Cuts the connections of held answers, as a killed process does. */
  die(): void {
    for (const response of this.#held) response.destroy()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const bytes of request) text += bytes
    const body = JSON.parse(text) as Record<string, unknown>
    this.bodies.push(body)
    this.keys.push(request.headers.authorization)
    if (this.behaviour === 'loading') return this.#error(response, 503, 'unavailable_error')
    if (this.behaviour === 'too-long')
      return this.#error(response, 400, 'exceed_context_size_error')
    if (body.stream) this.#stream(response)
    else
      response.end(JSON.stringify({ model: '/x.gguf', choices: [{ message: { content: 'hi' } }] }))
  }

  #error(response: ServerResponse, code: number, type: string): void {
    response.writeHead(code).end(JSON.stringify({ error: { code, message: 'no', type } }))
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.on('close', () => {
      if (!response.writableEnded) this.aborted += 1
    })
    this.#piece(response, { role: 'assistant' })
    if (this.behaviour === 'stall') return
    this.#piece(response, { content: 'Hello ' })
    if (this.behaviour === 'hold') this.#held.add(response)
    if (this.behaviour === 'cut') setImmediate(() => response.destroy())
    if (this.behaviour === 'no-done') response.end()
    if (this.behaviour === 'whole') this.#finish(response)
  }

  #finish(response: ServerResponse): void {
    this.#piece(response, { content: 'there.' })
    this.#piece(response, {}, 'stop')
    response.end('data: [DONE]\n\n')
  }

  #piece(response: ServerResponse, delta: object, finish: string | null = null): void {
    const chunk = {
      id: 'x',
      model: '/x.gguf',
      choices: [{ index: 0, delta, finish_reason: finish }],
    }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
}
