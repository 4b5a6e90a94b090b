import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { digestOf, newKey } from '@muster/base/api-keys.ts'
import { cacheFolder, stateFiles } from '@muster/base/state.ts'
import { rememberRunning } from '@muster/cli/src/up/running.ts'
import type { BootFile } from '@muster/pxe/contract/manifest.ts'
import { publishIpxe } from '@muster/pxe/ipxe/build.ts'
import { obtainIpxe } from '@muster/pxe/ipxe/obtain.ts'
import { addToManifest } from '@muster/pxe/manifest.ts'
import { execa } from 'execa'
import { SERVER_ADDRESS } from '../dhcp/segment.ts'
import { addHost, type Host } from '../lab/host.ts'
import { until } from '../lab/until.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const MUSTER = path.join(ROOT, 'cli/src/muster.ts')

/** A host with a state folder, iPXE built, and the provisioning API, as `up` leaves them. */
export type ApplianceHost = {
  host: Host
  state: string
  url: string
  /** `muster ARGS` there, to its end. */
  muster: (args: readonly string[], change?: Change) => ReturnType<typeof runMuster>
  /** `muster ARGS` there, while it runs. */
  startMuster: (...args: string[]) => RunningMuster
  remove: () => Promise<void>
}

/** @param name of its namespace */
export async function makeApplianceHost(name: string): Promise<ApplianceHost> {
  const host = await addHost(name, SERVER_ADDRESS)
  const state = await mkdtemp(path.join(tmpdir(), 'muster-serve-'))
  const url = `http://${SERVER_ADDRESS}:8001`
  const tools = { cache: cacheFolder(), say: () => {}, signal: new AbortController().signal }
  await publishIpxe(state, await obtainIpxe(tools), () => {})
  await addToManifest(state, { live: { kernel: NO_FILE, initrd: NO_FILE }, image: NO_IMAGE })
  const api = await startApi(host, state, url)
  const place = { host, state }
  return {
    ...place,
    url,
    muster: (args, change) => runMuster({ ...place, ...change }, args),
    startMuster: (...args) => new RunningMuster(spawnMuster(place, args)),
    remove: async () => {
      await end(api)
      await host.remove()
      await rm(state, { recursive: true, force: true })
    },
  }
}

/** Nobody fetches these here. */
const NO_FILE: BootFile = { file: 'none', sha256: '0'.repeat(64), bytes: 1 }
const NO_IMAGE = { ...NO_FILE, size: 1 }

async function startApi(host: Host, state: string, url: string): Promise<ChildProcess> {
  const apiKey = newKey()
  await mkdir(stateFiles(state).run, { recursive: true })
  await writeFile(stateFiles(state).apiKey, apiKey, { mode: 0o600 })
  const [enter = '', ...into] = host.enter
  const server = path.join(ROOT, 'provisioning-api/src/server.ts')
  const api = spawn(enter, [...into, process.execPath, server], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      MUSTER_STATE: state,
      MUSTER_PROVISIONING_HOST: SERVER_ADDRESS,
      PIECAT_API_KEYS: `${digestOf(apiKey)}:operator`,
    },
  })
  await writeFile(stateFiles(state).pid('provisioning-api'), `${api.pid}\n`)
  await until('the provisioning API', async () => (await fetch(`${url}/health`)).ok, 30)
  // This process stands for `up`.
  const page = 'http://127.0.0.1:8000'
  const line = { missionControl: page, agentApp: page, openai: page, provisioningApi: url }
  await rememberRunning({ ...line, apiKey, state }, false)
  return api
}

/** Another state folder, or variables of the environment. */
type Change = { state?: string; env?: Record<string, string> }
type Place = { host: Host; state: string; env?: Record<string, string> }

const commandOf = ({ host, state }: Place, args: readonly string[]): [string, string[]] => {
  const [enter = '', ...into] = host.enter
  return [enter, [...into, process.execPath, MUSTER, ...args, '--state', state]]
}

const runMuster = (place: Place, args: readonly string[]) =>
  execa(...commandOf(place, args), { reject: false, timeout: 60_000, env: place.env ?? {} })

const spawnMuster = (place: Place, args: readonly string[]) =>
  spawn(...commandOf(place, args), { stdio: ['ignore', 'pipe', 'pipe'] })

/** What a command said so far, and its end. */
export class RunningMuster {
  readonly process: ChildProcess
  readonly lines: string[] = []

  constructor(process: ChildProcess) {
    this.process = process
    for (const stream of [process.stdout!, process.stderr!])
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line))
  }

  says(what: RegExp): Promise<unknown> {
    return until(`it says ${what}`, async () => this.lines.some((line) => what.test(line)), 30)
  }

  /** Ctrl-C; its exit code. */
  async stop(): Promise<number | null> {
    await end(this.process, 'SIGINT')
    return this.process.exitCode
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
