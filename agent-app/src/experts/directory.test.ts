import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cacheFolder } from '@muster/base/state.ts'
import { pino } from 'pino'
import { Directory } from './directory.ts'

const log = pino({ level: 'silent' })

/** The binary by MUSTER_CONSUL_BIN, PATH, then the cache of `up`. */
function findConsul(): string | undefined {
  const inPath = (process.env.PATH ?? '').split(':').map((folder) => path.join(folder, 'consul'))
  const places = [process.env.MUSTER_CONSUL_BIN, ...inPath, path.join(cacheFolder(), 'bin/consul')]
  return places.find((file) => file && existsSync(file))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A real `consul agent -dev` on loopback. */
class DevConsul {
  readonly #binary: string
  readonly #ports: number[]
  #process: ChildProcess | undefined

  constructor(binary: string, ports: number[]) {
    this.#binary = binary
    this.#ports = ports
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports[0]}`
  }

  async start(): Promise<void> {
    const [http, serfLan, server] = this.#ports
    const ports = `ports { http = ${http} serf_lan = ${serfLan} server = ${server} serf_wan = -1 dns = -1 grpc = -1 grpc_tls = -1 }`
    const settings = ['-bind=127.0.0.1', '-node=w1', '-log-level=error', '-hcl', ports]
    this.#process = spawn(this.#binary, ['agent', '-dev', ...settings], { stdio: 'ignore' })
    await until(async () => {
      const leader = await fetch(`${this.url}/v1/status/leader`).then((r) => r.text())
      return leader.length > 4
    })
  }

  async stop(): Promise<void> {
    const running = this.#process
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await gone
  }

  async put(route: string, body?: object): Promise<void> {
    const sent = body ? { body: JSON.stringify(body) } : {}
    const response = await fetch(`${this.url}/v1${route}`, { method: 'PUT', ...sent })
    assert.equal(response.status, 200, await response.text())
  }
}

/** Waits for a condition; the limit of the test is the only clock. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    const held = await Promise.resolve(condition()).catch(() => false)
    if (held) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const binary = findConsul()
const skip = binary ? false : 'no consul binary: set MUSTER_CONSUL_BIN, or run `npm run up` once'

describe('directory over a real Consul', { skip, timeout: 60_000 }, () => {
  let consul: DevConsul
  before(async () => {
    consul = new DevConsul(binary!, [await freePort(), await freePort(), await freePort()])
    await consul.start()
  })
  after(() => consul.stop())

  const service = (status: string) => ({
    ID: 'llama-1',
    Name: 'llama-api-general',
    Address: '127.0.0.1',
    Port: 4711,
    Meta: { model: 'tiny' },
    Check: { CheckID: 'alive', Name: 'alive', TTL: '1h', Status: status },
  })

  it('follows an expert through its life, and keeps the last set while Consul is away', async () => {
    const directory = new Directory(consul.url, {}, log)
    let changes = 0
    directory.onChange(() => {
      changes += 1
    })
    await directory.start()
    await until(() => directory.state === 'ok')
    assert.deepEqual(directory.experts, [])

    await consul.put('/agent/service/register', service('passing'))
    await until(() => directory.experts.length === 1)
    const expected = {
      id: 'general@w1',
      name: 'general',
      node: 'w1',
      model: 'tiny',
      healthy: true,
      origin: 'http://127.0.0.1:4711',
    }
    assert.deepEqual(directory.experts, [expected])

    await consul.put('/agent/check/fail/alive')
    await until(() => directory.experts[0]?.healthy === false)
    await consul.put('/agent/check/pass/alive')
    await until(() => directory.experts[0]?.healthy === true)

    const before = changes
    await consul.put('/agent/service/register', {
      Name: 'other-service',
      Port: 1,
    })
    await consul.stop()
    await until(() => directory.state === 'away')
    assert.deepEqual(directory.experts, [expected])
    assert.equal(changes, before + 1)

    await consul.start()
    await until(() => directory.state === 'ok' && directory.experts.length === 0)
    await consul.put('/agent/service/register', service('passing'))
    await until(() => directory.experts.length === 1)
    directory.stop()
  })

  it('waits for the file of its token', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'muster-')), 'token')
    const directory = new Directory(consul.url, { file }, log)
    await directory.start()
    assert.equal(directory.state, 'starting')
    await writeFile(file, '\n')
    await directory.start()
    assert.equal(directory.state, 'starting')
    await writeFile(file, 'some-token\n')
    await until(() => directory.state === 'ok')
    directory.stop()
  })
})

describe('directory without Consul', { timeout: 20_000 }, () => {
  it('says that Consul is away and goes on asking', async () => {
    const port = await freePort()
    const directory = new Directory(`http://127.0.0.1:${port}`, {}, log)
    await directory.start()
    await until(() => directory.state === 'away')
    let asked = 0
    const server = createServer((socket) => {
      asked += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    await until(() => asked > 1)
    directory.stop()
    await new Promise((resolve) => server.close(resolve))
  })
})
