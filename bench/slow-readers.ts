// node slow-readers.ts URL COUNT RATE: that many downloads at once, each at most RATE bytes a second, as machines on one
// wire share it. Prints one line of JSON: {"completed": n, "digests": [...], "seconds": s}.
import { createHash } from 'node:crypto'
import { Agent, get } from 'node:http'

const [url = '', count = '', rate = ''] = process.argv.slice(2)
const bytesPerSecond = Number(rate)
/** Hashing all of them would take more CPU than serving them. */
const HASH_EVERY = 20

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY })
const start = Date.now()

/** @returns the SHA-256 of a hashed download, '' of another one */
function download(index: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = index % HASH_EVERY === 0 ? createHash('sha256') : undefined
    let received = 0
    const begin = Date.now()
    get(url, { agent }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`))
      answer.on('data', (chunk: Buffer) => {
        hash?.update(chunk)
        received += chunk.length
        const ahead = (received / bytesPerSecond) * 1000 - (Date.now() - begin)
        if (ahead < 5) return
        answer.pause()
        setTimeout(() => answer.resume(), ahead)
      })
      answer.on('end', () => {
        if (Number(answer.headers['content-length']) !== received) reject(new Error('cut short'))
        else resolve(hash?.digest('hex') ?? '')
      })
      answer.on('error', reject)
    }).on('error', reject)
  })
}

const outcomes = await Promise.allSettled(
  Array.from({ length: Number(count) }, (_, index) => download(index)),
)
const done = outcomes.filter((outcome) => outcome.status === 'fulfilled')
const digests = [...new Set(done.map(({ value }) => value).filter(Boolean))]
const seconds = (Date.now() - start) / 1000
process.stdout.write(`${JSON.stringify({ completed: done.length, digests, seconds })}\n`)
agent.destroy()
