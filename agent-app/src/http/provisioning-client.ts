import { MusterError } from '@muster/base/errors.ts'
import { Agent } from 'undici'
import type { z } from 'zod'

/** Where the provisioning API is and the key for it. */
export type ProvisioningOptions = { url: string; key?: string | undefined }
/** An answer that is the caller's business: its status and body. */
export type Passed<T> = { status: number; body: T | object }

const ANSWER_MS = 10_000

/** Speaks to the provisioning API and checks what it says against its contract. */
export class ProvisioningClient {
  readonly #options: ProvisioningOptions
  readonly #agent = new Agent({ connect: { timeout: 3_000 } })

  constructor(options: ProvisioningOptions) {
    this.#options = options
  }

  /** Throws `upstream-away` when it does not answer, or not as its contract says. */
  async call<T extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: T,
  ): Promise<Passed<z.infer<T>>> {
    const { status, body } = await this.#request(method, path)
    if (status >= 400 && status < 500 && status !== 401 && isObject(body)) return { status, body }
    const parsed = schema.safeParse(body)
    if (status < 300 && parsed.success) return { status, body: parsed.data }
    throw new MusterError('upstream-away', { path, upstreamStatus: status })
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }

  async #request(method: 'GET' | 'POST', path: string): Promise<{ status: number; body: unknown }> {
    const { url, key } = this.#options
    try {
      const { statusCode, body } = await this.#agent.request({
        origin: new URL(url).origin,
        path,
        method,
        headers: key ? { authorization: `Bearer ${key}` } : {},
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      return { status: statusCode, body: await body.json() }
    } catch (cause) {
      throw new MusterError('upstream-away', { path }, { cause })
    }
  }
}

const isObject = (body: unknown): body is object => typeof body === 'object' && body !== null
