import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { causeChain, MusterError } from '@muster/base/errors.ts'
import type { ChatHistoryItem, Llama, LlamaChat, LlamaContextSequence } from 'node-llama-cpp'
import type { Logger } from 'pino'
import type { ChatAnswer, ChatBackend, ChatBody, ChatChunk } from './chat.ts'

const CONTEXT_TOKENS = 2048
const MAX_ANSWER_TOKENS = 512
const SMALL_MODEL_BYTES = 64 * 1024 * 1024

type Loaded = { llama: Llama; chat: LlamaChat; sequence: LlamaContextSequence }
type State =
  | { name: 'off' | 'loading'; detail: string }
  | { name: 'failed'; detail: string }
  | ({ name: 'ready' } & Loaded)

type Ending = { finish: 'stop' | 'length'; prompt: number; answer: number }

/**
 * A small model inside this process: it answers when no expert of the cluster can.
 * Plain messages only (no tools); one answer at a time.
 */
export class EmbeddedExpert implements ChatBackend {
  readonly #model: string
  readonly #log: Logger
  #state: State = { name: 'off', detail: 'Switched off (MUSTER_EMBEDDED=0).' }
  #turn: Promise<unknown> = Promise.resolve()
  #loading: Promise<void> = Promise.resolve()
  readonly #closing = new AbortController()

  constructor(model: string, log: Logger) {
    this.#model = model
    this.#log = log
  }

  /** The file name of its model. */
  get model(): string {
    return path.basename(this.#model)
  }

  get ready(): boolean {
    return this.#state.name === 'ready'
  }

  /** Why it cannot answer, for people; null when it can. */
  get detail(): string | null {
    return this.#state.name === 'ready' ? null : this.#state.detail
  }

  /** Loads the model. Never rejects: a failure is told by `detail` and the log. */
  load(): Promise<void> {
    this.#state = { name: 'loading', detail: 'The model is being loaded.' }
    this.#loading = this.#load().catch((error: unknown) => {
      const detail = `The embedded model could not be loaded: ${causeChain(error)}`
      this.#state = { name: 'failed', detail }
      this.#log.error({ model: this.#model }, detail)
    })
    return this.#loading
  }

  async #load(): Promise<void> {
    const library = await import('node-llama-cpp')
    const logLevel = library.LlamaLogLevel.error
    const llama = await library.getLlama({ gpu: false, build: 'never', logLevel })
    const model = await llama.loadModel({ modelPath: this.#model })
    // More threads than a small model can feed only spin, and on a busy machine they starve each other.
    const threads = model.size < SMALL_MODEL_BYTES ? 1 : undefined
    const context = await model.createContext({
      contextSize: CONTEXT_TOKENS,
      ...(threads ? { threads } : {}),
    })
    const sequence = context.getSequence()
    const chatWrapper = new library.ChatMLChatWrapper()
    const chat = new library.LlamaChat({ contextSequence: sequence, chatWrapper })
    this.#state = { name: 'ready', llama, chat, sequence }
    this.#log.info({ model: this.#model }, 'The embedded expert is ready')
  }

  async *stream(body: ChatBody, signal: AbortSignal): AsyncGenerator<ChatChunk> {
    const head = chunkHead()
    const pieces: string[] = []
    let wake = Promise.withResolvers<void>()
    let ending: Ending | undefined
    let failure: { error: unknown } | undefined
    const onText = (text: string) => {
      pieces.push(text)
      wake.resolve()
    }
    const stop = new AbortController()
    this.#generate(body, { signal: AbortSignal.any([signal, stop.signal]), onText })
      .then((result) => {
        ending = result
      })
      .catch((error: unknown) => {
        failure = { error }
      })
      .finally(() => wake.resolve())
    try {
      while (!ending && !failure) {
        await wake.promise
        wake = Promise.withResolvers<void>()
        for (const text of pieces.splice(0)) yield piece(head, { content: text })
      }
    } finally {
      stop.abort()
    }
    if (failure) throw failure.error
    yield piece(head, {}, ending!.finish)
    if (body.stream_options?.include_usage) yield { ...head, choices: [], usage: usageOf(ending!) }
  }

  async complete(body: ChatBody, signal: AbortSignal): Promise<ChatAnswer> {
    let content = ''
    const onText = (text: string) => {
      content += text
    }
    const ending = await this.#generate(body, { signal, onText })
    const message = { role: 'assistant', content }
    return {
      ...chunkHead(),
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: ending.finish }],
      usage: usageOf(ending),
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#loading
    await this.#turn.catch(() => {})
    const state = this.#state
    this.#state = { name: 'off', detail: 'The server is stopping.' }
    if (state.name === 'ready') await state.llama.dispose()
  }

  /** Waits for its turn: there is one context. */
  #generate(
    body: ChatBody,
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<Ending> {
    const history = toHistory(body)
    const turn = this.#turn.catch(() => {}).then(() => this.#run(history, { ...options, body }))
    this.#turn = turn
    return turn
  }

  async #run(
    history: ChatHistoryItem[],
    {
      signal,
      onText,
      body,
    }: { signal: AbortSignal; onText: (text: string) => void; body: ChatBody },
  ): Promise<Ending> {
    const either = AbortSignal.any([signal, this.#closing.signal])
    either.throwIfAborted()
    if (this.#state.name !== 'ready') throw new MusterError('no-expert')
    const { chat, sequence } = this.#state
    const asked = body.max_completion_tokens ?? body.max_tokens ?? MAX_ANSWER_TOKENS
    const prompt = chat.chatWrapper.generateContextState({ chatHistory: withAnswer(history) })
    const promptTokens = prompt.contextText.tokenize(sequence.model.tokenizer).length
    if (promptTokens > CONTEXT_TOKENS - 64) throw new MusterError('context-too-long')
    const maxTokens = Math.min(asked, MAX_ANSWER_TOKENS, CONTEXT_TOKENS - promptTokens)
    let answer = 0
    const { metadata } = await chat.generateResponse(history, {
      temperature: 0,
      maxTokens,
      signal: either,
      onTextChunk: (text) => text !== '' && onText(text),
      onToken: (tokens) => {
        answer += tokens.length
      },
    })
    const finish = metadata.stopReason === 'maxTokens' ? 'length' : 'stop'
    return { finish, prompt: promptTokens, answer }
  }
}

/** The wrapper closes an open user turn with an empty answer. */
const withAnswer = (history: ChatHistoryItem[]): ChatHistoryItem[] => [
  ...history,
  { type: 'model', response: [] },
]

const chunkHead = () => ({
  id: `chatcmpl-${randomUUID()}`,
  object: 'chat.completion.chunk',
  created: Math.floor(Date.now() / 1000),
})

const piece = (
  head: object,
  delta: { content?: string },
  finish: string | null = null,
): ChatChunk => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish }],
})

const usageOf = ({ prompt, answer }: Ending) => ({
  prompt_tokens: prompt,
  completion_tokens: answer,
  total_tokens: prompt + answer,
})

/** Messages as the library wants them; what it cannot do is refused, not left out. */
function toHistory({ messages }: ChatBody): ChatHistoryItem[] {
  return messages.map(({ role, content }) => {
    const text = textOfContent(content)
    if (role === 'system' || role === 'developer') return { type: 'system', text }
    if (role === 'user') return { type: 'user', text }
    if (role === 'assistant') return { type: 'model', response: [text] }
    throw refused(`The embedded expert does not take messages of role ${role}.`)
  })
}

function textOfContent(content: unknown): string {
  if (typeof content === 'string') return content
  if (content == null) return ''
  const parts = Array.isArray(content) ? content : [content]
  return parts
    .map((part: { type?: unknown; text?: unknown }) => {
      if (part?.type === 'text' && typeof part.text === 'string') return part.text
      throw refused('The embedded expert takes text only.')
    })
    .join('')
}

const refused = (upstreamMessage: string): MusterError =>
  new MusterError('expert-refused', { upstreamStatus: 400, upstreamMessage })
