import { stateFiles } from '@muster/base/state.ts'
import { readIfThere } from '@muster/cluster/secret-file.ts'
import { z } from 'zod'
import { runningUp } from '../up/running.ts'

const Refusal = z.looseObject({ detail: z.unknown() })
const PATIENCE_MS = 30_000

/** The provisioning API of the appliance in a state folder, with the operator's key. */
export class OperatorApi {
  readonly #base: string
  readonly #key: string

  private constructor(base: string, key: string) {
    this.#base = base
    this.#key = key
  }

  /** @throws Error where nothing runs on that state folder */
  static async open(state: string): Promise<OperatorApi> {
    const running = await runningUp(state)
    if (!running)
      throw new Error(
        `nothing runs on ${state}. Start it with npm run up, or name its folder with --state`,
      )
    const key = await readIfThere(stateFiles(state).apiKey)
    if (!key) throw new Error(`there is no key in ${stateFiles(state).apiKey}`)
    return new OperatorApi(running.provisioningApi, key)
  }

  get<T>(route: string, answer: z.ZodType<T>): Promise<T> {
    return this.#ask('GET', route, { answer })
  }

  post<T>(route: string, body: object, answer: z.ZodType<T>): Promise<T> {
    return this.#ask('POST', route, { answer, body })
  }

  async #ask<T>(
    method: string,
    route: string,
    { answer, body }: { answer: z.ZodType<T>; body?: object },
  ): Promise<T> {
    const response = await fetch(`${this.#base}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((error: Error) => {
      const cause = (error.cause as Error | undefined)?.message ?? error.message
      throw new Error(`the provisioning API at ${this.#base} does not answer: ${cause}`)
    })
    const text = await response.text()
    if (!response.ok) throw new Error(refusalText(response.status, text))
    return answer.parse(JSON.parse(text))
  }
}

/** What the API says about why it refused; for a person. */
export function refusalText(status: number, text: string): string {
  const parsed = Refusal.safeParse(parseJson(text))
  if (!parsed.success) return `the provisioning API answered ${status}: ${text.slice(0, 200)}`
  const { detail, ...more } = parsed.data
  const sentence = typeof detail === 'string' ? detail : JSON.stringify(detail)
  return Object.keys(more).length > 0 ? `${sentence} ${JSON.stringify(more)}` : sentence
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
