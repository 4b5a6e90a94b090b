import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { stateFiles } from './state.ts'

const PROGRAM = `
  import fastify from 'fastify'
  import { runServer } from './server-process.ts'
  const app = fastify({ logger: true })
  app.get('/slow', async () => {
    process.stdout.write('SLOW\\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { whole: true }
  })
  const [host, port, state] = process.argv.slice(1)
  const variables = { host: 'MUSTER_TEST_HOST', port: 'MUSTER_TEST_PORT' }
  await runServer(app, { name: 'test-server', host, port: Number(port), state, variables })
  process.stdout.write('LISTENING ' + app.server.address().port + '\\n')`

async function temporary(context: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-server-'))
  context.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

class Program {
  readonly child: ChildProcess
  output = ''
  readonly exit: Promise<number | null>

  constructor(host: string, port: number, state: string) {
    const args = ['--input-type=module', '-e', PROGRAM, host, String(port), state]
    this.child = spawn(process.execPath, args, { cwd: import.meta.dirname })
    this.child.stdout!.on('data', (data) => {
      this.output += data
    })
    this.exit = once(this.child, 'exit').then(([code]) => code as number | null)
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      if (this.child.exitCode !== null) throw new Error(`ended without ${pattern}: ${this.output}`)
      await Promise.race([once(this.child.stdout!, 'data'), this.exit])
    }
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`${signal} ends it with 0 after the answer in work, and its pid file goes`, async (context) => {
    const state = await temporary(context)
    const program = new Program('127.0.0.1', 0, state)
    context.after(() => program.child.kill('SIGKILL'))
    const [, port] = await program.says(/LISTENING (\d+)/)
    const pidFile = stateFiles(state).pid('test-server')
    assert.equal((await readFile(pidFile, 'utf8')).trim(), String(program.child.pid))
    const answer = fetch(`http://127.0.0.1:${port}/slow`, {
      headers: { connection: 'close' },
    }).then((response) => response.json())
    await program.says(/SLOW/)
    program.child.kill(signal)
    program.child.kill(signal)
    assert.deepEqual(await answer, { whole: true })
    assert.equal(await program.exit, 0)
    await assert.rejects(access(pidFile), { code: 'ENOENT' })
  })

test('a taken port ends it with 1 and a sentence with the port and the variable', async (context) => {
  const other = createServer().listen(0, '127.0.0.1')
  context.after(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const program = new Program('127.0.0.1', port, await temporary(context))
  assert.equal(await program.exit, 1)
  assert.ok(program.output.includes(`Port ${port} on 127.0.0.1 is taken`), program.output)
  assert.match(program.output, /MUSTER_TEST_PORT/)
})

test('an address of another machine ends it with 1 and names the variable', async (context) => {
  const program = new Program('192.0.2.1', 0, await temporary(context))
  assert.equal(await program.exit, 1)
  assert.match(program.output, /192\.0\.2\.1 is not an address of this machine/)
})
