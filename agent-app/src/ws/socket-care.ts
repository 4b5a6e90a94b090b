import type { WebSocket } from 'ws'

export const MAX_MESSAGE_BYTES = 1024 * 1024
const MAX_UNSENT_BYTES = 1024 * 1024
const PING_MS = 20_000
const DEAD_AFTER_MISSES = 2
/** Close codes: policy (too slow), going away. */
const TOO_SLOW = 1008

/** Pings a socket and cuts it when it stays silent. */
export function keepAlive(socket: WebSocket, intervalMs = PING_MS): void {
  let missed = 0
  const timer = setInterval(() => {
    if (missed >= DEAD_AFTER_MISSES) {
      socket.terminate()
      return
    }
    missed += 1
    socket.ping()
  }, intervalMs)
  socket.on('pong', () => {
    missed = 0
  })
  socket.once('close', () => clearInterval(timer))
}

/** Sends, or cuts a reader that is more than 1 MiB behind. */
export function sendOrCut(socket: WebSocket, data: string | Buffer): void {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
    socket.close(TOO_SLOW, 'Reads too slowly')
    socket.terminate()
    return
  }
  socket.send(data)
}
