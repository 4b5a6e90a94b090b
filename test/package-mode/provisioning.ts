import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { digestOf } from '@muster/base/api-keys.ts'
import { stateFiles } from '@muster/base/state.ts'
import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { execa } from 'execa'
import { until } from '../lab/until.ts'

const SERVER = path.join(import.meta.dirname, '../../provisioning-api/test/fake-server.ts')
const KEY = 'package-mode-operator'
const PLAY = `- hosts: worker_nodes
  connection: local
  gather_facts: false
  tasks:
    - name: Say hello
      ansible.builtin.debug:
        msg: hello
`

/** The real provisioning API as a process of its own, with a fake cluster behind it. */
export class Provisioning {
  readonly base: string
  readonly #process: ChildProcess
  readonly #lines: string[]

  private constructor(base: string, process: ChildProcess, lines: string[]) {
    this.base = base
    this.#process = process
    this.#lines = lines
  }

  static async start(state: string, address: string): Promise<Provisioning> {
    const { sshKey } = stateFiles(state)
    await mkdir(path.dirname(sshKey), { recursive: true })
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', sshKey])
    await writeFile(path.join(state, 'playbook.yaml'), PLAY)
    const env = {
      PATH: process.env.PATH,
      HOME: state,
      MUSTER_STATE: state,
      MUSTER_PROVISIONING_HOST: address,
      MUSTER_PLAYBOOK: path.join(state, 'playbook.yaml'),
      PIPECAT_API_KEYS: `${digestOf(KEY)}:operator`,
    }
    const child = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const lines: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => lines.push(line))
    const provisioning = new Provisioning(`http://${address}:8001`, child, lines)
    await until('the provisioning API answers', () => provisioning.#answers(), 20)
    return provisioning
  }

  /** A JSON answer, asked with the operator's key. @throws Error with the answer unless it is good */
  async ask<T>(route: string, body?: object): Promise<T> {
    const answer = await fetch(this.base + route, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${route}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }

  machine(name: string): Promise<Machine> {
    return this.ask<Machine>(`/api/machines/${name}`)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    await ended
  }

  async #answers(): Promise<boolean> {
    if (this.#process.exitCode !== null) throw new Error(this.#lines.join('\n'))
    return (await fetch(`${this.base}/health`)).ok
  }
}
