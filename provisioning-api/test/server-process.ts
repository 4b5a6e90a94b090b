import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd, bearer, KEY_LIST, until } from './harness.ts'

const SERVER = path.join(import.meta.dirname, 'fake-server.ts')
export type Server = { child: ChildProcess; url: string; output: () => string }

/** The real server as a process of its own. */
export function launch(t: TestContext, state: string, env: Record<string, string> = {}): Server {
  const child = spawn(process.execPath, [SERVER], {
    env: {
      PATH: process.env.PATH,
      HOME: state,
      MUSTER_STATE: state,
      MUSTER_PLAYBOOK: path.join(state, 'playbook.yaml'),
      MUSTER_PROVISIONING_PORT: '0',
      MUSTER_ENROL_MINUTES: '60',
      MUSTER_SYSLOG_PORT: '0',
      PIECAT_API_KEYS: KEY_LIST,
      ...env,
    },
  })
  let text = ''
  child.stdout?.on('data', (chunk) => (text += chunk))
  child.stderr?.on('data', (chunk) => (text += chunk))
  atEnd(t, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  return { child, url: '', output: () => text }
}

/** The same, once it listens. */
export async function start(
  t: TestContext,
  state: string,
  env?: Record<string, string>,
): Promise<Server> {
  const server = launch(t, state, env)
  const url = await until('the server to listen', () => {
    if (server.child.exitCode !== null) throw new Error(server.output())
    return /Server listening at (http:\/\/[^"\s]+)/.exec(server.output())?.[1]
  })
  return { ...server, url }
}

export const get = async (server: Server, url: string) =>
  (await fetch(`${server.url}${url}`, { headers: bearer })).json()
