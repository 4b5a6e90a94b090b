import { readFileSync } from 'node:fs'

/** A process that cannot be taken for a later one of the same number. `start` = clock ticks since boot. */
export type ProcessId = { pid: number; start: string }
export type ProcessStat = ProcessId & { parent: number; group: number; state: string }

/** Reads /proc/PID/stat; undefined when there is no such process. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name may hold blanks and brackets, so fields count from the last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state = '', parent, group] = fields
    return { pid, state, parent: Number(parent), group: Number(group), start: fields[19] ?? '' }
  } catch {
    return undefined
  }
}

/** Names a running process for ever; undefined when there is none of this number. */
export function identify(pid: number): ProcessId | undefined {
  const stat = statOf(pid)
  return stat && { pid, start: stat.start }
}

/** True while exactly this process runs; a zombie does not. */
export function isAlive({ pid, start }: ProcessId): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.start === start && stat.state !== 'Z'
}
