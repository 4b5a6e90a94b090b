import { effect, signal } from '@preact/signals'
import { api } from '../api.ts'
import { connection, note, say, transcript } from './chat.ts'

export const testing = signal(false)

const QUESTION = 'hello'
const ANSWER_MILLISECONDS = 120_000

/** Asks every part once and prints what it said into the terminal. */
export async function selfTest(): Promise<void> {
  testing.value = true
  note('note', 'Self test: health, status, experts, one question.')
  const results = [
    await check('health', async () => (await api.health()).status),
    await check('status', async () => (await api.status()).status.trim()),
    await check('experts', countExperts),
    await check('question', askQuestion),
  ]
  const failed = results.filter((passed) => !passed).length
  if (failed === 0) note('note', `Self test passed: ${results.length} of ${results.length}.`)
  else note('error', `Self test failed: ${failed} of ${results.length} checks.`)
  testing.value = false
}

async function check(name: string, ask: () => Promise<string>): Promise<boolean> {
  const start = performance.now()
  try {
    const answer = await ask()
    note('note', `✓ ${name}: ${answer} (${Math.round(performance.now() - start)} ms)`)
    return true
  } catch (error) {
    note('error', `✕ ${name}: ${error instanceof Error ? error.message : error}`)
    return false
  }
}

async function countExperts(): Promise<string> {
  const all = await api.experts()
  const healthy = all.filter((expert) => expert.healthy)
  if (healthy.length === 0) throw new Error('no expert is healthy')
  return `${healthy.length} of ${all.length} healthy (${healthy.map(({ id }) => id).join(', ')})`
}

function askQuestion(): Promise<string> {
  const from = transcript.peek().nextId
  if (!say(QUESTION)) throw new Error('there is no connection to the agent')
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer)
      queueMicrotask(() => stop())
      settle()
    }
    const timer = setTimeout(
      () => end(() => reject(new Error(`no answer within ${ANSWER_MILLISECONDS / 1000} s`))),
      ANSWER_MILLISECONDS,
    )
    const stop = effect(() => {
      const line = transcript.value.lines.find(
        ({ id, kind, streaming }) =>
          id >= from && !streaming && (kind === 'agent' || kind === 'error'),
      )
      if (line?.kind === 'agent' && line.text.trim() === '')
        end(() => reject(new Error('the answer is empty')))
      else if (line?.kind === 'agent')
        end(() => resolve(`answered, ${line.text.length} characters`))
      else if (line) end(() => reject(new Error(line.text)))
      else if (connection.value !== 'connected')
        end(() => reject(new Error('the connection was lost')))
    })
  })
}
