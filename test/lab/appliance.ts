import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { UpLine } from '@muster/cli/src/up/running.ts'
import type { Machine } from '@muster/provisioning-api/contract/machine.ts'

const ROOT = path.join(import.meta.dirname, '../..')

/** `npm run up` as a person or a script starts it, read through its `--json` lines. */
export class Appliance {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  line!: UpLine

  private constructor(process: ChildProcess) {
    this.#process = process
    this.#lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]()
  }

  /** Starts it and resolves once the page answers. What it says for people goes to `onSay`. */
  static async start(
    args: readonly string[],
    {
      env = {},
      onSay = () => {},
    }: { env?: Record<string, string>; onSay?: (line: string) => void } = {},
  ): Promise<Appliance> {
    const command = [
      path.join(ROOT, 'scripts/node24.mjs'),
      path.join(ROOT, 'cli/src/up.ts'),
      '--json',
      '--yes',
      ...args,
    ]
    const child = spawn(process.execPath, command, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    createInterface({ input: child.stderr! }).on('line', onSay)
    const appliance = new Appliance(child)
    appliance.line = JSON.parse(await appliance.#next()) as UpLine
    return appliance
  }

  /** Resolves once the expert of the cluster is routable. */
  async cluster(): Promise<void> {
    const line = JSON.parse(await this.#next()) as { cluster: boolean }
    if (!line.cluster) throw new Error(`expected {"cluster":true}, got ${JSON.stringify(line)}`)
  }

  /** Ctrl-C; resolves with its exit status. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode
    const ended = new Promise<number | null>((resolve) => this.#process.once('exit', resolve))
    this.#process.kill('SIGINT')
    return ended
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** A JSON answer of the agent app, asked with the operator's key. */
  async get<T>(route: string): Promise<T> {
    const answer = await fetch(`${this.line.agentApp}${route}`, {
      headers: { authorization: `Bearer ${this.line.apiKey}` },
    })
    if (!answer.ok) throw new Error(`GET ${route}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async post<T>(route: string, body: unknown): Promise<{ status: number; body: T }> {
    const answer = await fetch(`${this.line.agentApp}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.line.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json().catch(() => undefined)) as T }
  }

  /** One machine as Mission Control sees it, or undefined before its first call. */
  async machine(name: string): Promise<Machine | undefined> {
    return (await this.get<Machine[]>('/api/machines')).find((machine) => machine.name === name)
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('up ended before it printed its line; what it said is above')
    return value
  }
}
