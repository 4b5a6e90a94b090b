import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { unmountBelow } from '@muster/cluster/unmount.ts'
import { execa } from 'execa'
import { inNetwork, makeNetwork } from './network.ts'

type Outcome = { ok: boolean; stdout: string; folder: string }

/**
 * Runs a script of the lab inside a network of its own: `node SCRIPT NETWORK FOLDER`. What it says goes to stderr as it comes.
 * A good run leaves only what lies directly in its folder (screenshots); a failed one leaves everything for reading.
 */
export async function runInNetwork(script: string, prefix: string): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), `muster-${prefix}-`))
  const network = await makeNetwork(`m${prefix.slice(0, 3)}${process.pid}`)
  try {
    const [command = '', ...args] = [
      ...inNetwork(network.name),
      process.execPath,
      script,
      network.name,
      folder,
    ]
    const run = await execa(command, args, {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
      reject: false,
    })
    const ok = run.exitCode === 0
    if (ok) await rm(path.join(folder, 'state'), { recursive: true, force: true })
    return { ok, stdout: run.stdout, folder }
  } finally {
    await network.remove()
    // What a broken run left mounted would keep its folder for ever.
    await unmountBelow(folder)
  }
}
