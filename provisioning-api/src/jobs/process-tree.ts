import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that cannot be taken for a later one of the same number. `start` = clock ticks since boot. */
export type ProcessId = { pid: number; start: string }
type Stat = ProcessId & { parent: number; group: number; state: string }

const POLL_MS = 50

/** Reads /proc/PID/stat; undefined when there is no such process. */
function statOf(pid: number): Stat | undefined {
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

export function identify(pid: number): ProcessId | undefined {
  const stat = statOf(pid)
  return stat && { pid, start: stat.start }
}

/** True while exactly this process runs; a zombie does not. */
export function isAlive({ pid, start }: ProcessId): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.start === start && stat.state !== 'Z'
}

const everyProcess = (): Stat[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== undefined)

/** The leader's group, and its descendants in other groups: Ansible's workers open their own sessions. */
function familyOf(leader: ProcessId): ProcessId[] {
  const processes = everyProcess()
  const pids = new Set<number>([leader.pid])
  for (let size = 0; size !== pids.size; ) {
    size = pids.size
    for (const { pid, parent, group } of processes)
      if (pids.has(parent) || group === leader.pid) pids.add(pid)
  }
  return processes.filter(({ pid }) => pids.has(pid)).map(({ pid, start }) => ({ pid, start }))
}

function signalAll(processes: Iterable<ProcessId>, signal: NodeJS.Signals): void {
  for (const one of processes) {
    if (!isAlive(one)) continue
    try {
      process.kill(one.pid, signal)
    } catch {
      // It ended between the look and the signal.
    }
  }
}

/**
 * Ends a process group and all its descendants: SIGTERM, and SIGKILL after the grace.
 * Does nothing when the leader is another process than the recorded one.
 */
export async function endFamily(leader: ProcessId, graceMs = 5000): Promise<void> {
  if (!isAlive(leader)) return
  const family = new Map(familyOf(leader).map((one) => [one.pid, one]))
  signalAll(family.values(), 'SIGTERM')
  const killAt = Date.now() + graceMs
  const giveUpAt = killAt + 5000
  while ([...family.values()].some(isAlive) && Date.now() < giveUpAt) {
    if (Date.now() >= killAt) signalAll(family.values(), 'SIGKILL')
    await sleep(POLL_MS)
  }
}
