import type { Ask } from '../processors/twin-service.ts'
import { type ChatChunk, textOf } from './chat.ts'
import type { Experts } from './experts.ts'

/** How a conversation asks the experts: messages in, text out. */
export const askExperts =
  (experts: Experts): Ask =>
  async ({ messages, expert: asked, signal }) => {
    const body = { messages: messages.map((message) => ({ ...message })) }
    const { chunks, expert, reason } = await experts.stream({ asked, body, signal })
    return { expert, reason, text: texts(chunks) }
  }

async function* texts(chunks: AsyncIterable<ChatChunk>): AsyncGenerator<string> {
  for await (const chunk of chunks) {
    const text = textOf(chunk)
    if (text !== '') yield text
  }
}
