import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { digestOf } from '@muster/base/api-keys.ts'
import OpenAI from 'openai'
import { WebSocket } from 'ws'

const SERVER = path.join(import.meta.dirname, 'server.ts')
const KEY = 'the-key'

describe('the server process', { timeout: 60_000 }, () => {
  const started: ChildProcess[] = []
  after(() => {
    for (const child of started) child.kill('SIGKILL')
  })

  function start(env: Record<string, string>) {
    const child = spawn(process.execPath, [SERVER], {
      env: {
        PATH: process.env.PATH,
        MUSTER_AGENT_PORT: '0',
        CONSUL_HTTP_ADDR: 'http://127.0.0.1:1',
        PIPECAT_API_KEYS: digestOf(KEY),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    started.push(child)
    const lines: string[] = []
    const waiting: (() => void)[] = []
    createInterface({ input: child.stdout! }).on('line', (line) => {
      lines.push(line)
      for (const wake of waiting.splice(0)) wake()
    })
    /** The first log line that matches. */
    const line = async (wanted: RegExp): Promise<string> => {
      for (;;) {
        const found = lines.find((each) => wanted.test(each))
        if (found) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    }
    const url = async () => /http:\/\/[\d.]+:\d+/.exec(await line(/Server listening/))![0]
    return { child, lines, line, url }
  }

  const newState = () => mkdtemp(path.join(tmpdir(), 'muster-'))

  async function say(url: string, text: string): Promise<string> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    socket.once('open', () => socket.send(JSON.stringify({ type: 'user_message', data: text })))
    for (;;) {
      const [data] = await once(socket, 'message')
      const message = JSON.parse(String(data))
      if (message.type !== 'agent') continue
      socket.close()
      return message.data
    }
  }

  it('listens at once, answers when its model is loaded, keeps turns over kill -9, ends cleanly', async () => {
    const state = await newState()
    const first = start({ MUSTER_STATE: state, CONSUL_HTTP_TOKEN: 'secret-token' })
    const url = await first.url()
    assert.equal((await fetch(`${url}/health`)).status, 503)
    await first.line(/embedded expert is ready/)
    assert.equal((await fetch(`${url}/health`)).status, 200)
    const client = new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 })
    const messages = [{ role: 'user' as const, content: 'hello' }]
    const answer = await client.chat.completions.create({ model: 'auto', messages })
    assert.equal(answer.choices[0]?.message.content, 'hello! how can i help you?')
    assert.equal(await say(url, 'hello'), 'hello! how can i help you?')
    assert.equal(first.lines.join('\n').includes('secret-token'), false)
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')

    const second = start({ MUSTER_STATE: state })
    await second.line(/embedded expert is ready/)
    await say(await second.url(), 'what can you do?')
    const file = path.join(state, 'agent/conversations/default.json')
    const { exchanges } = JSON.parse(await readFile(file, 'utf8'))
    const turns = exchanges.map(({ user }: { user: string }) => user)
    assert.deepEqual(turns, ['hello', 'what can you do?'])
    const pidFile = path.join(state, 'run/agent-app.pid')
    assert.equal((await readFile(pidFile, 'utf8')).trim(), String(second.child.pid))
    const exited = once(second.child, 'exit')
    second.child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
    assert.equal(existsSync(pidFile), false)
  })

  it('says why the model could not be loaded and goes on without it', async () => {
    const state = await newState()
    const model = path.join(state, 'broken.gguf')
    await writeFile(model, 'no model')
    const { child, line, url } = start({ MUSTER_STATE: state, MUSTER_MODEL: model })
    await line(/could not be loaded/)
    const response = await fetch(`${await url()}/api/experts`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    const [expert] = (await response.json()) as { healthy: boolean; detail: string }[]
    assert.equal(expert?.healthy, false)
    assert.match(expert?.detail ?? '', /could not be loaded: .+/)
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    assert.deepEqual(await exited, [0, null])
  })

  it('does not start with a bad value, and names the variable', async () => {
    const { child, line } = start({ MUSTER_STATE: await newState(), MUSTER_AGENT_PORT: 'x' })
    assert.match(await line(/MUSTER_AGENT_PORT/), /does not fit/)
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
    assert.equal(code, 1)
  })
})
