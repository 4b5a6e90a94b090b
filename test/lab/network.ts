import { readFile } from 'node:fs/promises'
import { execa } from 'execa'

/** A network namespace with a bridge and no way out: the home network of a test. */
export type Network = { name: string; address: string; remove: () => Promise<void> }

const ip = (...args: string[]) => execa('ip', args)

/** @param name of the namespace, at most 15 characters; the appliance gets 10.77.0.1/24 on its bridge */
export async function makeNetwork(name: string): Promise<Network> {
  const address = '10.77.0.1'
  await ip('netns', 'add', name)
  await ip('-n', name, 'link', 'set', 'lo', 'up')
  await ip(
    '-n',
    name,
    'link',
    'add',
    'br0',
    'type',
    'bridge',
    'stp_state',
    '0',
    'forward_delay',
    '0',
  )
  await ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', 'br0')
  // A fixed address: a bridge without one changes it with its ports, and machines lose the appliance for a minute.
  await ip('-n', name, 'link', 'set', 'br0', 'address', '02:77:00:00:00:01', 'up')
  // A bridge without a live port counts as unplugged. The other end must not answer for the bridge's address.
  await ip('-n', name, 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'port1')
  await ip('-n', name, 'link', 'set', 'port1', 'arp', 'off', 'up')
  await ip('-n', name, 'link', 'set', 'port0', 'master', 'br0', 'up')
  return { name, address, remove: () => removeNamespace(name) }
}

/** Ends whatever a broken test left inside, then takes the namespace away. */
export async function removeNamespace(name: string): Promise<void> {
  const inside = (await ip('netns', 'pids', name)).stdout.split('\n').map(Number).filter(Boolean)
  for (const pid of inside) {
    // A container's own init first: it would outlive its nspawn.
    const isContainer = (await readText(`/proc/${pid}/comm`)).startsWith('systemd-nspawn')
    const children = isContainer ? await readText(`/proc/${pid}/task/${pid}/children`) : ''
    for (const child of children.split(' ').map(Number).filter(Boolean)) kill(child)
    kill(pid)
  }
  await ip('netns', 'del', name)
}

const readText = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The words that run a command inside a namespace. `ip netns exec` would hide /sys/fs/cgroup from nspawn. */
export const inNetwork = (name: string): string[] => ['nsenter', `--net=/run/netns/${name}`]
