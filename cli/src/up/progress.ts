import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Progress, ProgressStep } from '@muster/agent-app/contract/progress.ts'
import { replaceFile } from '@muster/base/atomic-file.ts'

type Print = (line: string) => void

/** Thrown by a step that has nothing to do here; its message is shown as the reason. */
export class Skipped extends Error {}

/**
 * The steps of `up`: each is printed when it starts, changes and ends, and the whole list is kept in a file
 * that the page shows.
 */
export class ProgressRecorder {
  readonly #file: string
  readonly #print: Print
  readonly #steps: ProgressStep[]
  #cluster = false
  #saving: Promise<void> = Promise.resolve()

  constructor(file: string, steps: readonly { id: string; title: string }[], print: Print) {
    this.#file = file
    this.#print = print
    this.#steps = steps.map((step) => ({ ...step, state: 'waiting', detail: null, seconds: null }))
  }

  /** Runs one step. `say` tells what it is doing now. A failure is recorded and thrown on. */
  async step<T>(id: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const step = this.#find(id)
    const start = performance.now()
    const elapsed = () => Math.round((performance.now() - start) / 100) / 10
    this.#change(step, { state: 'running' })
    try {
      const result = await work((detail) => this.#change(step, { detail, seconds: elapsed() }))
      this.#change(step, { state: 'done', seconds: elapsed() })
      return result
    } catch (error) {
      const state = error instanceof Skipped ? 'skipped' : 'failed'
      this.#change(step, { state, detail: (error as Error).message, seconds: elapsed() })
      throw error
    }
  }

  clusterReady(): void {
    this.#cluster = true
    this.#save()
  }

  /** Resolves once what was said so far is on disk. */
  saved(): Promise<void> {
    return this.#saving
  }

  #find(id: string): ProgressStep {
    const step = this.#steps.find((candidate) => candidate.id === id)
    if (!step) throw new Error(`no step ${id}`)
    return step
  }

  #change(step: ProgressStep, change: Partial<ProgressStep>): void {
    Object.assign(step, change)
    this.#print(lineOf(step))
    this.#save()
  }

  #save(): void {
    const progress: Progress = { cluster: this.#cluster, steps: structuredClone(this.#steps) }
    const text = `${JSON.stringify(progress)}\n`
    this.#saving = this.#saving
      .then(() => mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 }))
      .then(() => replaceFile(this.#file, text))
      .catch((error: Error) =>
        this.#print(`cannot keep the progress in ${this.#file}: ${error.message}`),
      )
  }
}

const SIGN: Record<ProgressStep['state'], string> = {
  waiting: ' ',
  running: '…',
  done: '✓',
  skipped: '-',
  failed: '✗',
}

function lineOf(step: ProgressStep): string {
  const seconds = step.seconds === null ? '' : ` (${step.seconds.toFixed(1)} s)`
  const detail = step.detail && step.state !== 'done' ? `: ${step.detail}` : ''
  return `  ${SIGN[step.state]} ${step.title}${detail}${seconds}`
}
