import { Agent, fetch } from 'undici'

export type ApiOptions = {
  url: string
  tokenHeader: 'X-Consul-Token' | 'X-Nomad-Token'
  token?: string
  ca?: string
}

/** An answer of Consul or Nomad other than 2xx. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** JSON over the HTTP API of a Consul or Nomad agent. */
export class ApiClient {
  readonly #options: ApiOptions
  readonly #dispatcher: Agent

  constructor(options: ApiOptions) {
    this.#options = options
    this.#dispatcher = new Agent({
      connect: options.ca ? { ca: options.ca } : {},
      keepAliveTimeout: 1_000,
    })
  }

  /** @throws ApiError for a refusal, another Error where nobody answers within 10 s */
  async request<T>(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<T> {
    const { url, token, tokenHeader } = this.#options
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: token ? { [tokenHeader]: token } : {},
      body: body === undefined ? null : JSON.stringify(body),
      dispatcher: this.#dispatcher,
      signal: AbortSignal.timeout(10_000),
    })
    const text = await answer.text()
    if (!answer.ok)
      throw new ApiError(
        answer.status,
        `${method} ${path.split('?')[0]}: ${answer.status} ${text.trim().slice(0, 300)}`,
      )
    return (text ? JSON.parse(text) : undefined) as T
  }

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path)
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.request<T>('PUT', path, body)
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }
}

/** Consul on the appliance, over loopback. */
export const consulApi = (token?: string): ApiClient =>
  new ApiClient({
    url: 'http://127.0.0.1:8500',
    tokenHeader: 'X-Consul-Token',
    ...(token ? { token } : {}),
  })

/** Nomad on the appliance, over TLS. */
export const nomadApi = (options: { address: string; ca: string; token?: string }): ApiClient =>
  new ApiClient({
    url: `https://${options.address}:4646`,
    tokenHeader: 'X-Nomad-Token',
    ca: options.ca,
    ...(options.token ? { token: options.token } : {}),
  })
