import { execa } from 'execa'
import { inNetwork, removeNamespace } from './network.ts'

/** A host of its own on the bridge of the network this process runs in: namespace, `eth0`, one address. */
export type Host = {
  name: string
  address: string
  /** The words that run a command on it. */
  enter: readonly string[]
  remove: () => Promise<void>
}

/** @param name of the namespace, at most 13 characters */
export async function addHost(name: string, address: string, prefix = 24): Promise<Host> {
  const ip = (...args: string[]) => execa('ip', args)
  await ip('netns', 'add', name)
  await ip('link', 'add', `${name}-p`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  await ip('link', 'set', `${name}-p`, 'master', 'br0', 'up')
  await ip('-n', name, 'link', 'set', 'lo', 'up')
  await ip('-n', name, 'addr', 'add', `${address}/${prefix}`, 'dev', 'eth0')
  await ip('-n', name, 'link', 'set', 'eth0', 'up')
  return {
    name,
    address,
    enter: inNetwork(name),
    remove: () => removeNamespace(name),
  }
}
