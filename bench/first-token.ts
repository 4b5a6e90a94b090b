import { setTimeout as sleep } from 'node:timers/promises'
import type { UpLine } from '@muster/cli/src/up/running.ts'

/** Asks over the OpenAI door, again while nobody can answer yet; resolves with the expert at the first token of text. */
export async function firstToken(
  line: Pick<UpLine, 'openai' | 'apiKey'>,
  model: string,
  patienceMs = 60_000,
): Promise<string> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const answer = await fetch(`${line.openai}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${line.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        stream: true,
        max_tokens: 8,
        messages: [{ role: 'user', content: 'hello' }],
      }),
      signal: AbortSignal.timeout(patienceMs),
    })
    if (answer.ok) return tokenIn(answer)
    const text = await answer.text()
    if (Date.now() > deadline) throw new Error(`no answer: ${answer.status} ${text}`)
    await sleep(20)
  }
}

async function tokenIn(answer: Response): Promise<string> {
  const expert = answer.headers.get('x-expert') ?? ''
  let text = ''
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    // The opening chunk carries the role and an empty text.
    if (/"content":"[^"]/.test(text)) return expert
  }
  throw new Error(`the answer ended without a token: ${text.slice(0, 300)}`)
}
