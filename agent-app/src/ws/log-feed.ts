import { Writable } from 'node:stream'
import { z } from 'zod'

const INFO = 30
const LEVELS: Record<number, string> = { 30: 'INFO', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' }
const Line = z.looseObject({ level: z.number(), name: z.string().default(''), msg: z.string() })

/** Log lines for people who watch: a pino destination behind the redaction. */
export class LogFeed {
  readonly #listeners = new Set<(line: string) => void>()
  /** Give this to pino as one of its streams. */
  readonly destination: Writable

  constructor() {
    this.destination = new Writable({
      decodeStrings: false,
      write: (chunk, _, done) => {
        if (this.#listeners.size > 0) this.#tell(String(chunk))
        done()
      },
    })
  }

  follow(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(text: string): void {
    for (const raw of text.split('\n')) {
      const line = raw && toLine(raw)
      if (line) for (const listener of this.#listeners) listener(line)
    }
  }
}

/** `INFO agent-app: The experts of the cluster changed`, undefined below info. */
function toLine(raw: string): string | undefined {
  const { level, name, msg } = Line.catch({ level: 0, name: '', msg: '' }).parse(parse(raw))
  return level < INFO ? undefined : `${LEVELS[level] ?? level} ${name}: ${msg}`
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}
