import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import OpenAI from 'openai'
import { FakeLlama } from '../experts/fake-llama.ts'
import { KEY, openTestServer, type TestServer } from '../test-server.ts'

const GREETING = 'hello! how can i help you?'
const messages = [{ role: 'user' as const, content: 'hello' }]

describe('the official openai client', () => {
  let server: TestServer
  let llama: FakeLlama
  let client: OpenAI
  before(async () => {
    server = await openTestServer({ embedded: true })
    client = new OpenAI({ apiKey: KEY, baseURL: `${server.url}/v1`, maxRetries: 0 })
  })
  after(() => server.close())
  beforeEach(async (context) => {
    llama = await new FakeLlama().listen()
    server.directory.experts = []
    if ('after' in context) context.after(() => llama.close())
  })

  const stream = async (model: string) => {
    const chunks: OpenAI.ChatCompletionChunk[] = []
    const events = await client.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of events) chunks.push(chunk)
    return chunks
  }
  const textOf = (chunks: OpenAI.ChatCompletionChunk[]) =>
    chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')

  it('lists auto, names and ids', async () => {
    server.directory.add('general@w1', llama)
    const ids = (await client.models.list()).data.map(({ id }) => id)
    assert.deepEqual(ids, ['auto', 'general', 'embedded', 'general@w1'])
  })

  it('gets a whole answer from the embedded expert, with usage', async () => {
    const answer = await client.chat.completions.create({ model: 'auto', messages })
    assert.equal(answer.choices[0]?.message.content, GREETING)
    assert.equal(answer.model, 'embedded')
    assert.equal(answer.choices[0]?.finish_reason, 'stop')
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage!
    assert.ok(prompt_tokens > 0 && completion_tokens > 0)
    assert.equal(total_tokens, prompt_tokens + completion_tokens)
  })

  it('streams from the embedded expert', async () => {
    const chunks = await stream('embedded')
    assert.equal(textOf(chunks), GREETING)
    assert.equal(chunks[0]?.choices[0]?.delta.role, 'assistant')
    assert.ok(chunks.length > 3)
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1)
    assert.equal(chunks.at(-1)?.choices[0]?.finish_reason, 'stop')
  })

  it('obeys max_tokens and the abort of the client', async () => {
    const short = await client.chat.completions.create({ model: 'auto', messages, max_tokens: 2 })
    assert.equal(short.choices[0]?.finish_reason, 'length')
    const events = await client.chat.completions.create({ model: 'auto', messages, stream: true })
    for await (const _ of events) break
    assert.equal(textOf(await stream('auto')), GREETING)
  })

  it('streams from an expert of the cluster under its public id, the body passed on', async () => {
    server.directory.add('general@w1', llama)
    const chunks = await stream('general')
    assert.equal(textOf(chunks), 'Hello there.')
    assert.deepEqual([...new Set(chunks.map(({ model }) => model))], ['general@w1'])
    assert.equal(chunks.filter(({ choices }) => choices[0]?.delta.role).length, 1)
    const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }]
    await client.chat.completions.create({ model: 'auto', messages, tools, seed: 7 })
    assert.deepEqual(llama.bodies.at(-1)?.tools, tools)
    assert.equal(llama.bodies.at(-1)?.seed, 7)
  })

  it('raises when an expert dies in mid-answer', async () => {
    llama.behaviour = 'cut'
    server.directory.add('general@w1', llama)
    await assert.rejects(stream('general'), /died before the answer was complete/)
  })

  it('ends a lost stream without [DONE]', async () => {
    llama.behaviour = 'no-done'
    server.directory.add('general@w1', llama)
    const body = { model: 'general', messages, stream: true }
    const text = await (await server.post('/v1/chat/completions', body)).text()
    assert.match(text, /"code":"expert_lost"/)
    assert.doesNotMatch(text, /\[DONE\]/)
  })

  it('aborts upstream when the client leaves before the first token', async () => {
    llama.behaviour = 'stall'
    server.directory.add('general@w1', llama)
    const controller = new AbortController()
    const call = client.chat.completions.create(
      { model: 'general', messages, stream: true },
      { signal: controller.signal },
    )
    while (llama.bodies.length === 0) await new Promise((resolve) => setImmediate(resolve))
    controller.abort()
    await assert.rejects(call)
    while (llama.aborted === 0) await new Promise((resolve) => setImmediate(resolve))
  })

  it('answers 404 model_not_found, 400 for a context that is too long, 401, 503 for tools without expert', async () => {
    const create = (more: object) =>
      client.chat.completions.create({ model: 'auto', messages, ...more })
    await assert.rejects(create({ model: 'gpt-x' }), { status: 404, code: 'model_not_found' })
    const long = [{ role: 'user', content: 'read the file '.repeat(5_000) }]
    await assert.rejects(create({ messages: long }), {
      status: 400,
      code: 'context_length_exceeded',
    })
    const tools = [{ type: 'function', function: { name: 'f' } }]
    await assert.rejects(create({ tools }), { status: 503, code: 'no_expert' })
    await assert.rejects(create({ messages: [] }), { status: 422 })
    const stranger = new OpenAI({ apiKey: 'x', baseURL: `${server.url}/v1`, maxRetries: 0 })
    await assert.rejects(async () => stranger.models.list(), {
      status: 401,
      code: 'invalid_api_key',
    })
  })
})
