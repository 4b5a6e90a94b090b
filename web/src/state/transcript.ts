import type { ServerMessage } from '@muster/agent-app/contract/socket.ts'

/** One entry of the terminal. `caption` says who answers and why. */
export type Line = {
  id: number
  kind: 'user' | 'agent' | 'error' | 'note'
  text: string
  caption: string | null
  streaming: boolean
}

/** The terminal's content. `busy` while a turn is being answered. */
export type Transcript = { lines: readonly Line[]; nextId: number; busy: boolean }

export const emptyTranscript: Transcript = { lines: [], nextId: 1, busy: false }

/** Entries kept; older ones are dropped. */
const MOST_LINES = 500

/** The transcript after a server message. Log messages change nothing. */
export function after(transcript: Transcript, message: ServerMessage): Transcript {
  switch (message.type) {
    case 'user':
      return { ...add(transcript, { kind: 'user', text: message.data }), busy: true }
    case 'agent_start': {
      const caption = `${message.data.expert} · ${message.data.reason}`
      const begun = add(endStream(transcript), {
        kind: 'agent',
        text: '',
        caption,
        streaming: true,
      })
      return { ...begun, busy: true }
    }
    case 'agent_delta':
      return grow(transcript, message.data)
    case 'agent':
      return { ...settle(transcript, message.data, message.expert), busy: false }
    case 'error':
      return { ...add(endStream(transcript), { kind: 'error', text: message.data }), busy: false }
    case 'log':
      return transcript
  }
}

/** The transcript with one more entry. */
export function add(
  transcript: Transcript,
  line: Partial<Line> & Pick<Line, 'kind' | 'text'>,
): Transcript {
  const complete = { caption: null, streaming: false, ...line, id: transcript.nextId }
  const lines = [...transcript.lines, complete].slice(-MOST_LINES)
  return { ...transcript, lines, nextId: transcript.nextId + 1 }
}

const isStreaming = (line: Line): boolean => line.streaming

function replaceStream(transcript: Transcript, change: (line: Line) => Line): Transcript {
  return {
    ...transcript,
    lines: transcript.lines.map((line) => (line.streaming ? change(line) : line)),
  }
}

/** Closes what streams; an answer of which nothing arrived is dropped. */
function endStream(transcript: Transcript): Transcript {
  const kept = transcript.lines.filter((line) => !line.streaming || line.text !== '')
  return replaceStream({ ...transcript, lines: kept }, (line) => ({ ...line, streaming: false }))
}

function grow(transcript: Transcript, piece: string): Transcript {
  if (!transcript.lines.some(isStreaming))
    return { ...add(transcript, { kind: 'agent', text: piece, streaming: true }), busy: true }
  return replaceStream(transcript, (line) => ({ ...line, text: line.text + piece }))
}

/** The whole reply replaces what streamed, so that a gap in the stream leaves no gap in the text. */
function settle(transcript: Transcript, text: string, expert: string | null): Transcript {
  if (!transcript.lines.some(isStreaming))
    return add(transcript, { kind: 'agent', text, caption: expert })
  return replaceStream(transcript, (line) => ({
    ...line,
    text,
    caption: line.caption ?? expert,
    streaming: false,
  }))
}
