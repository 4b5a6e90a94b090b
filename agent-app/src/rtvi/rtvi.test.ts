import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { KEY, openTestServer, type TestServer } from '../test-server.ts'
import { decode, encode } from './codec.ts'

const GREETING = 'hello! how can i help you?'

/** jsdom brings no types. */
const { JSDOM } = createRequire(import.meta.url)('jsdom')

/** What the official client expects of a browser besides jsdom's window. */
function browserGlobals(url: string): void {
  const { window } = new JSDOM('', { url })
  class BlobWebSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols)
      this.binaryType = 'blob' as never
    }
  }
  const stubs = { MediaStream: class {}, MediaStreamTrack: class {}, WebSocket: BlobWebSocket }
  for (const [name, value] of Object.entries({ window, document: window.document, ...stubs }))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}

/** A media manager that has no media. */
const noMedia = (): object =>
  new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'then') return undefined
        if (name === 'tracks') return () => ({ local: {} })
        if (String(name).startsWith('getAll')) return async () => []
        if (String(name).startsWith('is') || name === 'supportsScreenShare') return false
        return () => Promise.resolve({})
      },
      set: () => true,
    },
  )

describe('/rtvi', () => {
  let server: TestServer
  before(async () => {
    server = await openTestServer({ embedded: true })
  })
  after(() => server.close())

  it('lets the official client connect, ask and hear the answer', async () => {
    browserGlobals(server.url)
    const { PipecatClient, RTVIEvent } = await import('@pipecat-ai/client-js')
    const { WebSocketTransport } = await import('@pipecat-ai/websocket-transport')
    const transport = new WebSocketTransport({ mediaManager: noMedia() as never })
    const client = new PipecatClient({ transport, enableMic: false, enableCam: false })
    const pieces: string[] = []
    const outputs: string[] = []
    client.on(RTVIEvent.BotLlmText, ({ text }) => pieces.push(text))
    client.on(RTVIEvent.BotOutput, ({ text }) => outputs.push(text))
    const stopped = new Promise((resolve) =>
      client.on(RTVIEvent.BotLlmStopped, () => resolve(true)),
    )
    await client.startBotAndConnect({
      endpoint: `${server.url}/api/session`,
      headers: new Headers({ authorization: `Bearer ${KEY}` }),
    })
    await client.sendText('hello')
    await stopped
    assert.equal(pieces.join(''), GREETING)
    assert.equal(outputs.join(' '), GREETING)
    await client.disconnect()
  })

  type Message = { type: string; id?: string; data?: Record<string, unknown> }

  async function open() {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/rtvi?conversation=raw`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    const heard: Message[] = []
    const waiting: (() => void)[] = []
    socket.on('message', (data) => {
      heard.push(decode(data as Buffer) as Message)
      for (const wake of waiting.splice(0)) wake()
    })
    await new Promise((resolve) => socket.once('open', resolve))
    const next = async (type: string): Promise<Message> => {
      for (;;) {
        const found = heard.find((message) => message.type === type)
        if (found) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    }
    const say = (type: string, data: object = {}) =>
      socket.send(encode({ label: 'rtvi-ai', type, id: `id-${type}`, data }))
    return { socket, heard, next, say }
  }

  it('speaks the sequence of a turn, with the same id on bot-ready', async () => {
    const { socket, heard, next, say } = await open()
    say('client-ready', { version: '2.1.0' })
    assert.equal((await next('bot-ready')).id, 'id-client-ready')
    say('send-text', { content: 'hello' })
    await next('bot-llm-stopped')
    const types = heard.map(({ type }) => type).filter((type) => type !== 'bot-llm-text')
    assert.deepEqual(types, [
      'bot-ready',
      'user-llm-text',
      'server-message',
      'bot-llm-started',
      'bot-output',
      'bot-output',
      'bot-llm-stopped',
    ])
    const closed = new Promise((resolve) => socket.once('close', resolve))
    say('disconnect-bot')
    assert.equal(await closed, 1000)
  })

  it('answers what it does not know and lives on', async () => {
    const { socket, next, say } = await open()
    say('dance')
    assert.deepEqual((await next('error-response')).data, { error: 'Unsupported type dance' })
    socket.send('text')
    socket.send(Buffer.from([0xff]))
    const { data } = await next('error')
    assert.equal(data?.error, data?.message)
    assert.equal(data?.fatal, false)
    say('client-ready', { version: '2.0.0' })
    await next('bot-ready')
    socket.close()
  })
})
