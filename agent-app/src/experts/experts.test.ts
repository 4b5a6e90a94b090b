import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pino } from 'pino'
import { textOf } from './chat.ts'
import { EmbeddedExpert } from './embedded-expert.ts'
import { Experts } from './experts.ts'
import { FakeDirectory } from './fake-directory.ts'
import { FakeLlama } from './fake-llama.ts'
import { LlamaClient } from './llama-client.ts'

const log = pino({ level: 'silent' })
const body = { messages: [{ role: 'user', content: 'hello' }] }
const never = new AbortController().signal

describe('experts', () => {
  let first: FakeLlama
  let second: FakeLlama
  let directory: FakeDirectory
  let llama: LlamaClient
  let experts: Experts

  beforeEach(async () => {
    first = await new FakeLlama().listen()
    second = await new FakeLlama().listen()
    directory = new FakeDirectory()
    directory.add('general@w1', first)
    directory.add('general@w2', second)
    llama = new LlamaClient({ connectMs: 500, firstByteMs: 300, stallMs: 300 })
    experts = new Experts({ directory, llama, embedded: new EmbeddedExpert('/none', log), log })
  })
  afterEach(async () => {
    await Promise.all([first.close(), second.close(), llama.close()])
  })

  async function read(asked?: string) {
    const { expert, chunks } = await experts.stream({ asked, body, signal: never })
    let text = ''
    for await (const chunk of chunks) text += textOf(chunk)
    return { expert, text }
  }

  it('streams from the first expert', async () => {
    assert.deepEqual(await read(), { expert: 'general@w1', text: 'Hello there.' })
    assert.equal(first.bodies[0]?.stream, true)
  })

  it('takes a fresh connection for each stream: llama-server closes it afterwards', async () => {
    directory.experts.pop()
    for (let turn = 0; turn < 20; turn += 1) assert.equal((await read()).text, 'Hello there.')
    assert.equal(first.connections, 20)
  })

  for (const behaviour of ['loading', 'stall'] as const)
    it(`goes on to the next expert when the first is ${behaviour}, and asks it last then`, async () => {
      first.behaviour = behaviour
      assert.equal((await read()).expert, 'general@w2')
      assert.equal((await read()).expert, 'general@w2')
      assert.equal(first.bodies.length, 1)
    })

  it('goes on when nothing listens', async () => {
    await first.close()
    assert.equal((await read()).expert, 'general@w2')
  })

  for (const behaviour of ['cut', 'no-done', 'hold'] as const)
    it(`reports expert-lost after the first token: ${behaviour}`, async () => {
      first.behaviour = behaviour
      await assert.rejects(read('general@w1'), { code: 'expert-lost' })
      assert.equal(second.bodies.length, 0)
    })

  it('does not try elsewhere what the client asked wrongly', async () => {
    first.behaviour = 'too-long'
    await assert.rejects(read(), { code: 'context-too-long' })
    assert.equal(second.bodies.length, 0)
  })

  it('says no-expert when all fail, and expert-unknown for a stranger', async () => {
    first.behaviour = 'loading'
    second.behaviour = 'loading'
    await assert.rejects(read(), { code: 'no-expert' })
    await assert.rejects(read('stranger'), { code: 'expert-unknown' })
  })

  it('counts what is pending: the second request goes to the other expert', async () => {
    first.behaviour = 'hold'
    const one = await experts.stream({ asked: undefined, body, signal: never })
    assert.equal(one.expert, 'general@w1')
    assert.equal((await read()).expert, 'general@w2')
    await one.chunks.next()
    await one.chunks.return(undefined)
  })

  it('aborts the request upstream when the reader leaves', async () => {
    first.behaviour = 'hold'
    const controller = new AbortController()
    const { chunks } = await experts.stream({ asked: undefined, body, signal: controller.signal })
    await chunks.next()
    controller.abort()
    await assert.rejects(async () => {
      while (!(await chunks.next()).done);
    })
    while (first.aborted === 0) await new Promise((resolve) => setImmediate(resolve))
  })

  it('sends the key of the file, read anew each time', async () => {
    const keyFile = path.join(await mkdtemp(path.join(tmpdir(), 'muster-')), 'key')
    const client = new LlamaClient({ keyFile })
    for (const key of ['one', 'two']) {
      await writeFile(keyFile, `${key}\n`)
      await client.at(first.origin).complete(body, never)
    }
    await client.close()
    assert.deepEqual(first.keys, ['Bearer one', 'Bearer two'])
  })
})
