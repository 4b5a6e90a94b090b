import { homedir } from 'node:os'
import path from 'node:path'

type Env = NodeJS.ProcessEnv

/** Where everything of one appliance lives: MUSTER_STATE, or the user's XDG state folder. */
export const stateFolder = (env: Env = process.env): string =>
  path.resolve(
    env.MUSTER_STATE ??
      path.join(env.XDG_STATE_HOME ?? path.join(homedir(), '.local/state'), 'muster'),
  )

/** Where what can be made again lives (binaries, packages): MUSTER_CACHE, or the user's XDG cache folder. */
export const cacheFolder = (env: Env = process.env): string =>
  path.resolve(
    env.MUSTER_CACHE ?? path.join(env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'muster'),
  )

/** The files of a state folder, so that no other module builds such a path. */
export const stateFiles = (state: string) => ({
  /** The operator's key in plain text, 0600: `up` makes it once, the CLI reads it. */
  apiKey: path.join(state, 'api-key'),
  run: path.join(state, 'run'),
  pid: (name: string) => path.join(state, 'run', `${name}.pid`),
  log: (name: string) => path.join(state, 'log', `${name}.log`),
  /** What `up` is doing now; the page shows it. */
  progress: path.join(state, 'run', 'progress.json'),
  cluster: path.join(state, 'cluster'),
  artifacts: path.join(state, 'artifacts'),
  sshKey: path.join(state, 'ssh', 'id_ed25519'),
  knownHosts: path.join(state, 'ssh', 'known_hosts'),
  provisioning: path.join(state, 'provisioning'),
  agent: path.join(state, 'agent'),
})

/** The files of network boot, below `<state>/boot`. */
export const bootFiles = (state: string) => {
  const folder = path.join(state, 'boot')
  const at = (...parts: string[]) => path.join(folder, ...parts)
  return {
    folder,
    /** What was built: `pxe/contract/manifest.ts`. */
    manifest: at('manifest.json'),
    /** Served at `/boot/files/*`: kernels, live system, images. */
    www: at('www'),
    /** Served at `/debian/*`: the packages of the installer. */
    debian: at('debian'),
    /** Served by TFTP: only the first binary of each kind of firmware. */
    tftp: at('tftp'),
    /** One file per machine that needs another first binary; dnsmasq reads them. */
    dhcpHosts: at('dhcp-hosts'),
    dnsmasqConfig: at('dnsmasq.conf'),
    dnsmasqPid: at('dnsmasq.pid'),
    leases: at('leases'),
    /** How network boot runs here: mode, interface, address. */
    settings: at('settings.json'),
    /** What installing machines said, one file per machine. */
    logs: at('logs'),
  }
}
