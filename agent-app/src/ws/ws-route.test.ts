import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeLlama } from '../experts/fake-llama.ts'
import {
  CHAT_KEY,
  openTestServer,
  type TestServer,
  TestSocket,
  upgradeStatus,
} from '../test-server.ts'

describe('/ws', () => {
  let server: TestServer
  let llama: FakeLlama
  beforeEach(async () => {
    server = await openTestServer()
    llama = await new FakeLlama().listen()
    server.directory.add('general@w1', llama)
  })
  afterEach(async () => {
    await server.close()
    await llama.close()
  })

  const historyOnDisk = async (id = 'default') => {
    const file = path.join(server.state, `agent/conversations/${id}.json`)
    const { exchanges } = JSON.parse(await readFile(file, 'utf8'))
    return exchanges.map(({ id: _, ...exchange }: { id: string }) => exchange)
  }

  it('tells a whole turn to every socket of the conversation', async () => {
    const one = await TestSocket.open(server)
    const two = await TestSocket.open(server)
    const other = await TestSocket.open(server, '/ws?conversation=other')
    one.say({ type: 'user_message', data: 'hi' })
    const agent = await two.next('agent')
    assert.deepEqual(agent, { type: 'agent', data: 'Hello there.', expert: 'general@w1' })
    assert.deepEqual(two.of('user'), ['hi'])
    assert.deepEqual(two.of('agent_delta').join(''), 'Hello there.')
    assert.equal((two.of('agent_start')[0] as { expert: string }).expert, 'general@w1')
    assert.deepEqual(other.of('user'), [])
    assert.deepEqual(await historyOnDisk(), [
      { user: 'hi', answer: 'Hello there.', expert: 'general@w1', cut: false },
    ])
  })

  it('gives the history to the expert and keeps it over a restart', async () => {
    const socket = await TestSocket.open(server)
    socket.say({ type: 'user_message', data: 'first' })
    await socket.next('agent')
    const again = await openTestServer({ state: server.state })
    again.directory.add('general@w1', llama)
    const later = await TestSocket.open(again)
    later.say({ type: 'user_message', data: 'second' })
    await later.next('agent')
    await again.close()
    const sent = llama.bodies.at(-1)!.messages as { content: string }[]
    const contents = sent.map(({ content }) => content)
    assert.deepEqual(contents, ['first', 'Hello there.', 'second'])
  })

  it('tells the loss of an expert in mid-answer and keeps the partial answer as cut', async () => {
    llama.behaviour = 'hold'
    const socket = await TestSocket.open(server)
    socket.say({ type: 'user_message', data: 'hi' })
    await socket.next('agent_delta')
    llama.die()
    assert.match(String((await socket.next('error')).data), /died before the answer was complete/)
    assert.deepEqual(socket.of('agent'), [])
    assert.deepEqual(await historyOnDisk(), [
      { user: 'hi', answer: 'Hello ', expert: 'general@w1', cut: true },
    ])
  })

  it('stops an answer when asked and goes on with the next turn', async () => {
    llama.behaviour = 'hold'
    const socket = await TestSocket.open(server)
    socket.say({ type: 'user_message', data: 'hi' })
    await socket.next('agent_delta')
    socket.say({ type: 'interrupt' })
    assert.equal((await socket.next('agent')).data, 'Hello ')
    assert.equal((await historyOnDisk())[0].cut, true)
    llama.behaviour = 'whole'
    const from = socket.heard.length
    socket.say({ type: 'user_message', data: 'again' })
    assert.equal((await socket.next('agent', from)).data, 'Hello there.')
  })

  it('answers queued turns one after the other', async () => {
    const socket = await TestSocket.open(server)
    for (const data of ['one', 'two', 'three']) socket.say({ type: 'user_message', data })
    while (socket.of('agent').length < 3) await socket.next('agent', socket.heard.length)
    const turns = (await historyOnDisk()).map(({ user }: { user: string }) => user)
    assert.deepEqual(turns, ['one', 'two', 'three'])
  })

  it('says which expert is missing and keeps the turn', async () => {
    server.directory.experts = []
    const socket = await TestSocket.open(server)
    socket.say({ type: 'user_message', data: 'hi' })
    assert.match(String((await socket.next('error')).data), /No expert is available/)
    assert.equal((await historyOnDisk())[0].user, 'hi')
    const from = socket.heard.length
    socket.say({ type: 'user_message', data: 'hi', expert: 'nobody' })
    assert.match(String((await socket.next('error', from)).data), /No such model/)
  })

  it('answers what is no message with an error and lives on', async () => {
    const socket = await TestSocket.open(server)
    const bad = ['{', '[]', '"x"', '{"type":"user_message","data":5}']
    for (const text of bad) {
      const from = socket.heard.length
      socket.say(text)
      await socket.next('error', from)
    }
    socket.say({ type: 'unheard_of' })
    socket.say({ type: 'user_message', data: '   ' })
    socket.say({ type: 'user_message', data: 'hi' })
    await socket.next('agent')
    assert.equal(socket.of('error').length, bad.length)
    assert.deepEqual(socket.of('user'), ['hi'])
  })

  it('sends redacted log lines to sockets that may read, to no other', async () => {
    const reader = await TestSocket.open(server)
    const chatter = await TestSocket.open(server, '/ws', CHAT_KEY)
    server.app.log.debug('too quiet')
    server.app.log.warn({ token: 'hidden-value' }, 'something happened')
    assert.equal((await reader.next('log')).data, 'WARN agent-app: something happened')
    chatter.say({ type: 'user_message', data: 'hi' })
    await chatter.next('agent')
    assert.deepEqual(chatter.of('log'), [])
    assert.equal(JSON.stringify(reader.heard).includes('hidden-value'), false)
  })

  it('refuses a conversation id that could leave its folder', async () => {
    const url = `${server.url}/ws?conversation=..%2Fx`
    assert.equal(await upgradeStatus(url, { authorization: 'Bearer all-scopes' }), 422)
  })

  it('closes a socket that sends more than 1 MiB', async () => {
    const { socket } = await TestSocket.open(server)
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.send('x'.repeat(1024 * 1024 + 1))
    assert.equal(await closed, 1009)
  })
})
