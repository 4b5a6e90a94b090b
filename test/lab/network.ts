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
  // A bridge without a live port counts as unplugged.
  await ip('-n', name, 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'port1')
  await ip('-n', name, 'link', 'set', 'port1', 'up')
  await ip('-n', name, 'link', 'set', 'port0', 'master', 'br0', 'up')
  return { name, address, remove: async () => void (await ip('netns', 'del', name)) }
}

/** The words that run a command inside a namespace. `ip netns exec` would hide /sys/fs/cgroup from nspawn. */
export const inNetwork = (name: string): string[] => ['nsenter', `--net=/run/netns/${name}`]
