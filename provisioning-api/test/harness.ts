import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf, parseKeys } from '@muster/base/api-keys.ts'
import { type Logger, pino } from 'pino'
import type { Config } from '../src/config.ts'
import type { LockSettings } from '../src/file-lock.ts'
import { openParts } from '../src/parts.ts'
import { FakeCluster } from './fake-cluster.ts'

export const KEY = 'my_super_secret_api_key'
export const READER = 'a-key-that-may-only-read'
export const bearer = { authorization: `Bearer ${KEY}` }
export const KEY_LIST = `${digestOf(KEY)}:operator,${digestOf(READER)}:reader:read`

/** A play on this machine: what a run does without a second machine. */
export const localPlay = (tasks: string): string => `- hosts: worker_nodes
  connection: local
  gather_facts: false
  tasks:
${tasks.replace(/^/gm, '    ')}
`
export const GOOD_TASK = `- name: Say hello
  ansible.builtin.debug:
    msg: hello`

const cleanups = new WeakMap<TestContext, (() => unknown)[]>()

/** Runs at the end of the test, last registered first: what uses a folder ends before the folder goes. */
export function atEnd(t: TestContext, action: () => unknown): void {
  const stack = cleanups.get(t) ?? []
  if (stack.length === 0)
    t.after(async () => {
      for (const one of stack.reverse()) await one()
    })
  stack.push(action)
  cleanups.set(t, stack)
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-provisioning-'))
  atEnd(t, () => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Waits for a condition, never for a time; fails after `seconds`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s for: ${what}`)
    await sleep(20)
  }
}

export async function testConfig(state: string, changes: Partial<Config> = {}): Promise<Config> {
  const playbook = path.join(state, 'playbook.yaml')
  await writeFile(playbook, localPlay(GOOD_TASK))
  return {
    state,
    host: '127.0.0.1',
    port: 0,
    keys: parseKeys(KEY_LIST),
    keySource: 'PIECAT_API_KEYS',
    enrolMinutes: 60,
    allowLoopback: false,
    maxRuns: 2,
    jobMinutes: 5,
    playbook,
    syslogPort: 0,
    debianMirror: null,
    path: process.env.PATH ?? '',
    home: state,
    ...changes,
  }
}

type Options = {
  config?: Partial<Config>
  state?: string
  lock?: LockSettings
  hold?: boolean
  /** The clock of network boot, in milliseconds since 1970. */
  now?: () => number
  logger?: Logger
}

/** The real app with its real store and queue; `hold` leaves jobs queued. */
export async function openService(t: TestContext, options: Options = {}) {
  const state = options.state ?? (await temporaryFolder(t))
  const config = await testConfig(state, options.config)
  const cluster = new FakeCluster()
  const logger = options.logger ?? pino({ level: 'silent' })
  const { app, queue, enrolment, watchdog, syslog } = await openParts({
    config,
    cluster,
    logger,
    ...(options.lock ? { lock: options.lock } : {}),
    ...(options.now ? { now: options.now } : {}),
  })
  atEnd(t, () => app.close())
  if (!options.hold) await queue.start()
  const get = async (url: string, key = KEY) =>
    app.inject({ url, headers: { authorization: `Bearer ${key}` } })
  const callHome = (hostname: unknown, ip_address: unknown, headers = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/ready-for-provisioning',
      headers,
      payload: { ip_address, hostname } as object,
    })
  const file = (name: string) => path.join(state, 'provisioning', name)
  const jobOf = async (name: string) => {
    const machine = (await get(`/api/machines/${name}`)).json()
    return (await get(`/api/jobs/${machine.job_id}`)).json()
  }
  const ended = (name: string) =>
    until(`the end of ${name}'s job`, async () => {
      const job = await jobOf(name)
      return ['success', 'failed'].includes(job.state) && job
    })
  const readState = (name: string) => readFile(file(name), 'utf8')
  return {
    app,
    queue,
    enrolment,
    watchdog,
    syslog,
    cluster,
    config,
    state,
    get,
    callHome,
    file,
    jobOf,
    ended,
    readState,
  }
}
