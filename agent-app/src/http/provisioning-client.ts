import { MusterError } from '@muster/base/errors.ts'
import { Agent } from 'undici'
import type { z } from 'zod'

/** Where the provisioning API is and the key for it. */
export type ProvisioningOptions = { url: string; key?: string | undefined }
/** An answer that is the caller's business: its status and body. */
export type Passed<T> = { status: number; body: T | object }
type Question = { method: 'GET' | 'POST'; path: string; json?: object | undefined }

const ANSWER_MS = 10_000

/** Speaks to the provisioning API and checks what it says against its contract. */
export class ProvisioningClient {
  readonly #options: ProvisioningOptions
  readonly #agent = new Agent({ connect: { timeout: 3_000 } })

  constructor(options: ProvisioningOptions) {
    this.#options = options
  }

  /** Throws `upstream-away` when it does not answer, or not as its contract says. */
  get<T extends z.ZodType>(path: string, schema: T): Promise<Passed<z.infer<T>>> {
    return this.#call({ method: 'GET', path }, schema)
  }

  /** Throws as `get` does. */
  post<T extends z.ZodType>(path: string, schema: T, json?: object): Promise<Passed<z.infer<T>>> {
    return this.#call({ method: 'POST', path, json }, schema)
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #call<T extends z.ZodType>(question: Question, schema: T): Promise<Passed<z.infer<T>>> {
    const { path } = question
    const { status, body } = await this.#request(question)
    if (status >= 400 && status < 500 && status !== 401 && isObject(body)) return { status, body }
    const parsed = schema.safeParse(body)
    if (status < 300 && parsed.success) return { status, body: parsed.data }
    throw new MusterError('upstream-away', { path, upstreamStatus: status })
  }

  async #request({ method, path, json }: Question): Promise<{ status: number; body: unknown }> {
    const { url, key } = this.#options
    try {
      const { statusCode, body } = await this.#agent.request({
        origin: new URL(url).origin,
        path,
        method,
        headers: {
          ...(key ? { authorization: `Bearer ${key}` } : {}),
          ...(json ? { 'content-type': 'application/json' } : {}),
        },
        body: json ? JSON.stringify(json) : null,
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      return { status: statusCode, body: await body.json() }
    } catch (cause) {
      throw new MusterError('upstream-away', { path }, { cause })
    }
  }
}

const isObject = (body: unknown): body is object => typeof body === 'object' && body !== null
