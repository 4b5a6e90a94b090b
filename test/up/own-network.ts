import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink } from 'node:fs/promises'
import { inNetwork, makeNetwork } from '../lab/network.ts'

/** Says to the second run of a program that it is inside. */
const INSIDE = 'MUSTER_OWN_NETWORK'

/** Why a network of its own can't be made here, or false. */
export const noNetworkReason = (): string | false =>
  process.getuid?.() === 0 ? false : 'a network namespace of its own needs root'

/**
 * Runs the program once more inside a network namespace of its own, where every port is free and nobody else listens.
 * Its output is this one's output and its exit status this one's.
 * @returns true inside; false outside, after the inner run ended
 */
export async function insideOwnNetwork(
  program: string,
  args: readonly string[] = [],
): Promise<boolean> {
  if (process.env[INSIDE]) return true
  const network = await makeNetwork(`mu${process.pid}`)
  const [enter = '', ...into] = inNetwork(network.name)
  try {
    const inner = spawn(enter, [...into, process.execPath, ...process.execArgv, program, ...args], {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: network.name },
    })
    const pass = (signal: NodeJS.Signals) => inner.kill(signal)
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    const [code] = await once(inner, 'exit')
    process.exitCode = code ?? 1
  } finally {
    await network.remove()
  }
  return false
}

/** The other processes of this network namespace: what a test left behind. */
export async function othersInNetwork(): Promise<number[]> {
  const own = await readlink('/proc/self/ns/net')
  const others: number[] = []
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const network = await readlink(`/proc/${pid}/ns/net`).catch(() => '')
    if (network === own && pid !== process.pid) others.push(pid)
  }
  return others
}
