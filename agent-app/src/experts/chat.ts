import { z } from 'zod'

/** One event of an OpenAI chat stream; unknown fields are kept. */
export const ChatChunk = z.looseObject({
  choices: z.array(
    z.looseObject({
      index: z.int().optional(),
      delta: z.looseObject({ content: z.string().nullish() }).optional(),
      finish_reason: z.string().nullish(),
    }),
  ),
})
export type ChatChunk = z.infer<typeof ChatChunk>

/** A whole OpenAI chat answer; unknown fields are kept. */
export const ChatAnswer = z.looseObject({ choices: z.array(z.looseObject({})) })
export type ChatAnswer = z.infer<typeof ChatAnswer>

/** An OpenAI chat request: what we read; all else goes to the expert as it came. */
export const ChatBody = z.looseObject({
  model: z.string().min(1).optional(),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.unknown() }))
    .min(1, 'at least one message'),
  stream: z.boolean().nullish(),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
})
export type ChatBody = z.infer<typeof ChatBody>

/** The text of a chunk, empty when it has none. */
export const textOf = (chunk: ChatChunk): string => chunk.choices[0]?.delta?.content ?? ''

/** True from the first chunk on that a reader would notice: text, a tool call, an end. */
export const hasSubstance = (chunk: ChatChunk): boolean =>
  chunk.choices.some(
    ({ delta, finish_reason }) =>
      finish_reason != null ||
      Object.entries(delta ?? {}).some(
        ([key, value]) => key !== 'role' && value != null && value !== '',
      ),
  )

/** What can answer: an expert on a machine, or the embedded one. */
export type ChatBackend = {
  /** Yields until the answer is whole; throws `expert-lost` when it is cut. */
  stream(body: ChatBody, signal: AbortSignal): AsyncGenerator<ChatChunk>
  complete(body: ChatBody, signal: AbortSignal): Promise<ChatAnswer>
}

export type ChatDelta = NonNullable<ChatChunk['choices'][number]['delta']>
