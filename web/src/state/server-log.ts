import { signal } from '@preact/signals'

/** Lines kept; older ones are dropped. */
export const MOST_LOG_LINES = 2000
/** Lines are shown in batches, so that a busy log costs few renders. */
const BATCH_MILLISECONDS = 100

export const logLines = signal<readonly string[]>([])
let waiting: string[] = []
let _timer: ReturnType<typeof setTimeout> | undefined

export function addLogLine(line: string): void {
  waiting.push(line)
  if (waiting.length > MOST_LOG_LINES) waiting.shift()
  _timer ??= setTimeout(flush, BATCH_MILLISECONDS)
}

export function clearLog(): void {
  waiting = []
  logLines.value = []
}

function flush(): void {
  _timer = undefined
  logLines.value = [...logLines.peek(), ...waiting].slice(-MOST_LOG_LINES)
  waiting = []
}
