import type { ChatChunk, ChatDelta } from '../experts/chat.ts'

/** What all chunks of one answer share. */
export type AnswerHead = { id: string; created: number; model: string }

/** The chunk that opens every answer: llama-server sends it with some templates only. */
export const roleChunk = (head: AnswerHead): ChatChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
})

/** The chunk under our head, without its role; undefined when nothing is left of it. */
export function normaliseChunk(chunk: ChatChunk, head: AnswerHead): ChatChunk | undefined {
  const choices = chunk.choices.map((choice) => ({
    ...choice,
    index: choice.index ?? 0,
    delta: withoutRole(choice.delta ?? {}) as ChatDelta,
    finish_reason: choice.finish_reason ?? null,
  }))
  const whole = { ...chunk, ...head, object: 'chat.completion.chunk', choices }
  return isEmpty(whole) ? undefined : whole
}

/** Neither a role that was said already nor an empty tool call list, which SDKs misread. */
function withoutRole({ role: _, ...delta }: Record<string, unknown>): Record<string, unknown> {
  const { tool_calls: calls, ...rest } = delta
  return Array.isArray(calls) && calls.length === 0 ? rest : delta
}

const isEmpty = ({ choices, usage }: ChatChunk): boolean =>
  usage == null &&
  choices.every(
    ({ delta, finish_reason }) =>
      finish_reason === null && Object.values(delta ?? {}).every((v) => v == null || v === ''),
  )
