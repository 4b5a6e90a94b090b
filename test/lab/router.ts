import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { inNetwork } from './network.ts'

/** A home router beside the appliance: addresses, a name server that knows nothing, IPv6 advertisements. No network boot. */
export type Router = { address: string; leases: string; remove: () => Promise<void> }

const ADDRESS = '10.77.0.254'

/** Plugs a router into the bridge of a network, in a namespace of its own. Its log and leases go to the folder. */
export async function makeRouter(network: string, folder: string): Promise<Router> {
  const name = `${network}-r`
  const leases = path.join(folder, 'router-leases')
  const ip = (...args: string[]) => execa('ip', args)
  await ip('netns', 'add', name)
  const cable = ['link', 'add', 'router', 'type', 'veth', 'peer', 'name', 'wan', 'netns', name]
  await ip('-n', network, ...cable)
  await ip('-n', network, 'link', 'set', 'router', 'master', 'br0', 'up')
  await ip('-n', name, 'link', 'set', 'lo', 'up')
  await ip('-n', name, 'link', 'set', 'wan', 'name', 'lan', 'up')
  await ip('-n', name, 'addr', 'add', `${ADDRESS}/24`, 'dev', 'lan')
  await ip('-n', name, 'addr', 'add', 'fd77::fe/64', 'dev', 'lan', 'nodad')
  const server = serve(name, leases, path.join(folder, 'router.log'))
  return {
    address: ADDRESS,
    leases,
    remove: async () => {
      server.kill('SIGKILL')
      await ip('netns', 'del', name)
    },
  }
}

function serve(network: string, leases: string, log: string): ChildProcess {
  const options = [
    'keep-in-foreground',
    'log-facility=-',
    'log-dhcp',
    'conf-file=/dev/null',
    'pid-file',
    'interface=lan',
    'bind-interfaces',
    'no-resolv',
    'no-hosts',
    'dhcp-range=10.77.0.100,10.77.0.199,1h',
    `dhcp-leasefile=${leases}`,
    'dhcp-authoritative',
    'no-ping',
    'enable-ra',
    'dhcp-range=fd77::,ra-only,64,10m',
  ].map((option) => `--${option}`)
  const [enter = '', ...into] = inNetwork(network)
  const sink = openSync(log, 'a')
  return spawn(enter, [...into, 'dnsmasq', ...options], { stdio: ['ignore', sink, sink] })
}
