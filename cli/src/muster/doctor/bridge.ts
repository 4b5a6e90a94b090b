import { readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'bridge'

/** A bridge of this machine; its forward delay in seconds. */
export type Bridge = { name: string; stp: boolean; forwardDelay: number }

/** Whether a bridge on the way keeps silent while firmware asks. */
export const checkBridge: Check = async ({ boot }) => {
  const bridge = boot && (await bridgeOf(boot.interface))
  return bridge ? [judgeBridge(bridge)] : []
}

export function judgeBridge({ name, stp, forwardDelay }: Bridge): Finding {
  if (!stp || forwardDelay === 0) return ok(CHECK, `${name} forwards at once`)
  return warn(
    CHECK,
    `${name} forwards nothing for ${2 * forwardDelay} s after a machine's link comes up; iPXE waits 2 s`,
    `Switch off spanning tree: sudo ip link set ${name} type bridge stp_state 0 forward_delay 0. On switches, make the machines' ports edge ports ("PortFast").`,
  )
}

const NET = '/sys/class/net'

/** The interface itself where it is a bridge, or the bridge it is a port of. */
async function bridgeOf(name: string): Promise<Bridge | undefined> {
  const master = await readlink(path.join(NET, name, 'master')).catch(() => name)
  const bridge = path.basename(master)
  const value = async (file: string) => {
    const text = await readFile(path.join(NET, bridge, 'bridge', file), 'utf8').catch(() => '')
    return text === '' ? undefined : Number(text)
  }
  const [stp, delay] = [await value('stp_state'), await value('forward_delay')]
  if (stp === undefined || delay === undefined) return undefined
  // The kernel counts in hundredths of a second.
  return { name: bridge, stp: stp !== 0, forwardDelay: delay / 100 }
}
