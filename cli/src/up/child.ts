import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { replaceFile } from '@muster/base/atomic-file.ts'
import { stateFiles } from '@muster/base/state.ts'

export type ChildOptions = {
  name: string
  command: string
  args: readonly string[]
  env: Record<string, string>
  state: string
  /** What asks it to stop: agents of HashiCorp take SIGINT. */
  stopSignal?: NodeJS.Signals
  onRestart: (message: string) => void
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 15_000
/** A child that ran this long starts again without delay. */
const STEADY_MS = 30_000

/** A program that `up` keeps running: started again when it dies, killed by the kernel when `up` itself is. */
export class Child {
  readonly #options: ChildOptions
  #process: ChildProcess | undefined
  #stopping = false
  #exited: Promise<void> = Promise.resolve()

  constructor(options: ChildOptions) {
    this.#options = options
  }

  get running(): boolean {
    return (
      this.#process !== undefined &&
      this.#process.exitCode === null &&
      this.#process.signalCode === null
    )
  }

  start(): void {
    this.#stopping = false
    this.#exited = this.#keepRunning()
  }

  /** Asks it to end and waits; after `patienceMs` it is killed. */
  async stop(patienceMs = 15_000): Promise<void> {
    this.#stopping = true
    const child = this.#process
    if (child && this.running) {
      child.kill(this.#options.stopSignal ?? 'SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await this.#exited
      clearTimeout(timer)
    }
    await rm(stateFiles(this.#options.state).pid(this.#options.name), { force: true })
  }

  async restart(): Promise<void> {
    await this.stop()
    this.start()
  }

  async #keepRunning(): Promise<void> {
    let delay = FIRST_DELAY_MS
    while (!this.#stopping) {
      const started = Date.now()
      const end = await this.#runOnce()
      if (this.#stopping) return
      delay =
        Date.now() - started > STEADY_MS ? FIRST_DELAY_MS : Math.min(delay * 2, LONGEST_DELAY_MS)
      const log = stateFiles(this.#options.state).log(this.#options.name)
      this.#options.onRestart(
        `${this.#options.name} ended (${end}); starting it again in ${delay / 1000} s. Its log: ${log}`,
      )
      await sleep(delay)
    }
  }

  #runOnce(): Promise<string> {
    const { name, command, args, env, state } = this.#options
    const log = stateFiles(state).log(name)
    for (const file of [log, stateFiles(state).pid(name)])
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const sink = openSync(log, 'a', 0o600)
    // The kernel ends the child when `up` is killed, so that nothing is left behind.
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
      env,
      stdio: ['ignore', sink, sink],
      // A Ctrl-C in the terminal reaches only `up`, which ends its children in order.
      detached: true,
    })
    closeSync(sink)
    this.#process = child
    if (child.pid) void replaceFile(stateFiles(state).pid(name), `${child.pid}\n`).catch(() => {})
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`))
    })
  }
}
