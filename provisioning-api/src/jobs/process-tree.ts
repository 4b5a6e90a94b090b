import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, type ProcessId, type ProcessStat, statOf } from '@muster/base/process-id.ts'

const POLL_MS = 50

const everyProcess = (): ProcessStat[] =>
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
