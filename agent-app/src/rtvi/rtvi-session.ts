import type { Conversation } from '../conversation/conversation.ts'
import type { Frame } from '../frames/frame.ts'
import {
  ClientReady,
  type Envelope,
  Request,
  RTVI_LABEL,
  RTVI_VERSION,
  SendText,
} from './messages.ts'
import { Sentences } from './sentences.ts'

export type RtviParts = {
  conversation: Conversation
  send: (message: object) => void
  /** Closes the socket normally. */
  hangUp: () => void
}

/** One RTVI client: what it says, and what it is told about its conversation. */
export class RtviSession {
  readonly #parts: RtviParts
  readonly #sentences = new Sentences()
  #segment = 0
  #answering = false
  #stop: (() => void) | undefined

  constructor(parts: RtviParts) {
    this.#parts = parts
  }

  close(): void {
    this.#stop?.()
  }

  async hear(message: Envelope): Promise<void> {
    switch (message.type) {
      case 'client-ready':
        return this.#ready(message)
      case 'send-text':
        return this.#sendText(message)
      case 'client-message':
        return this.#request(message)
      case 'disconnect-bot':
        return this.#parts.hangUp()
      case 'raw-audio':
      case 'raw-audio-batch':
        return undefined
      default:
        return this.#refuse(message.id, `Unsupported type ${message.type}`)
    }
  }

  /** Something that is no message of ours: said, and the session goes on. */
  complain(error: string): void {
    this.#send('error', { error, message: error, fatal: false })
  }

  #ready({ id, data }: Envelope): void {
    const version = ClientReady.safeParse(data).data?.version ?? ''
    if (version.split('.')[0] !== RTVI_VERSION.split('.')[0])
      this.#refuse(id, `This server speaks RTVI ${RTVI_VERSION}, the client ${version || 'none'}.`)
    this.#stop ??= this.#parts.conversation.follow((frame) => this.#tell(frame))
    const about = { library: 'agent-app', library_version: '0.1.0' }
    this.#send('bot-ready', { version: RTVI_VERSION, about }, id)
  }

  async #sendText({ id, data }: Envelope): Promise<void> {
    const { success, data: text } = SendText.safeParse(data)
    if (!success) return this.#refuse(id, 'send-text needs data.content, a string.')
    const { conversation } = this.#parts
    if (text.options.run_immediately) await conversation.interrupt()
    conversation.say(text.content)
  }

  async #request({ id, data }: Envelope): Promise<void> {
    const request = Request.safeParse(data).data
    if (request?.t !== 'interrupt') return this.#refuse(id, 'Unsupported client-message.')
    await this.#parts.conversation.interrupt()
    this.#send('server-response', { t: request.t, d: { ok: true } }, id)
  }

  #tell(frame: Frame): void {
    if (frame.type === 'user-turn') this.#send('user-llm-text', { text: frame.text })
    if (frame.type === 'answer-start') this.#begin(frame.expert, frame.reason)
    if (frame.type === 'answer-text') {
      this.#send('bot-llm-text', { text: frame.text })
      this.#output(this.#sentences.add(frame.text))
    }
    if (frame.type === 'answer-end') this.#end()
    if (frame.type === 'error') this.complain(frame.error.message)
  }

  #begin(expert: string, reason: string): void {
    this.#answering = true
    this.#send('server-message', { type: 'agent-start', expert, reason })
    this.#send('bot-llm-started')
  }

  #end(): void {
    this.#output(this.#sentences.rest())
    if (this.#answering) this.#send('bot-llm-stopped')
    this.#answering = false
  }

  #output(sentences: readonly string[]): void {
    for (const text of sentences) {
      this.#segment += 1
      this.#send('bot-output', {
        text,
        aggregated_by: 'sentence',
        segment_id: this.#segment,
        will_be_spoken: false,
      })
    }
  }

  #refuse(id: string, error: string): void {
    this.#send('error-response', { error }, id)
  }

  #send(type: string, data?: object, id?: string): void {
    this.#parts.send({ label: RTVI_LABEL, type, ...(id ? { id } : {}), ...(data ? { data } : {}) })
  }
}
