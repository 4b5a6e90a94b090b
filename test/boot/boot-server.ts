import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'

const ROOT = path.join(import.meta.dirname, '../..')
const MUSTER = [path.join(ROOT, 'scripts/node24.mjs'), path.join(ROOT, 'cli/src/muster.ts')]

/** Runs one command of Muster as a person would. @throws Error with what it said */
export async function muster(args: readonly string[]): Promise<string> {
  return (await execa(process.execPath, [...MUSTER, ...args])).stdout
}

/** `muster boot serve` in the foreground. */
export class BootServer {
  readonly #process: ChildProcess
  /** What it said. */
  readonly lines: string[] = []

  private constructor(process: ChildProcess) {
    this.#process = process
    for (const stream of [process.stdout!, process.stderr!])
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line))
  }

  /** Resolves once it answers machines. @throws Error with what it said when it ends before */
  static async start(args: readonly string[], state: string): Promise<BootServer> {
    const command = [...MUSTER, 'boot', 'serve', ...args, '--state', state]
    const server = new BootServer(
      spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] }),
    )
    const ended = once(server.#process, 'exit').then(() => {
      throw new Error(`boot serve ended:\n${server.lines.join('\n')}`)
    })
    await Promise.race([server.#ready(), ended])
    ended.catch(() => {})
    return server
  }

  /** Ctrl-C. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGINT')
    await ended
  }

  async #ready(): Promise<void> {
    while (!this.lines.some((line) => READY.test(line)))
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Its line once dnsmasq answers. */
const READY = /answers|ready/i
