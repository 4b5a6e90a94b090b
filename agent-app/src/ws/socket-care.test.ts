import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { keepAlive, sendOrCut } from './socket-care.ts'

async function pair() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const connected = once(server, 'connection')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.on('error', () => {})
  const [socket] = (await connected) as [WebSocket]
  if (client.readyState !== client.OPEN) await once(client, 'open')
  const close = () => {
    client.terminate()
    server.close()
  }
  return { client, socket, close }
}

describe('socket care', { timeout: 20_000 }, () => {
  it('cuts a reader that is more than 1 MiB behind', async () => {
    const { client, socket, close } = await pair()
    client.pause()
    const closed = once(socket, 'close')
    const piece = 'x'.repeat(256 * 1024)
    let sent = 0
    while (socket.readyState === socket.OPEN && sent < 1_000) {
      sendOrCut(socket, piece)
      sent += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    await closed
    assert.ok(sent < 1_000)
    assert.ok(socket.bufferedAmount < 2 * 1024 * 1024 + piece.length)
    close()
  })

  it('keeps a socket that answers pings and cuts one that does not', async () => {
    const alive = await pair()
    keepAlive(alive.socket, 5)
    let pongs = 0
    await new Promise<void>((resolve) => {
      alive.socket.on('pong', () => {
        pongs += 1
        if (pongs === 5) resolve()
      })
    })
    assert.equal(alive.socket.readyState, alive.socket.OPEN)
    alive.close()
    const silent = await pair()
    silent.client.pause()
    const closed = once(silent.socket, 'close')
    keepAlive(silent.socket, 5)
    await closed
    silent.close()
  })
})
