import { useMemo } from 'preact/hooks'
import { transcript } from '../state/chat.ts'
import { phase } from '../state/session.ts'
import type { Line } from '../state/transcript.ts'
import { useStickToEnd } from './stick-to-end.ts'

/** Busy while an answer streams, so that a screen reader waits for the whole. */
export function Terminal() {
  const { lines } = transcript.value
  const stick = useStickToEnd<HTMLDivElement>(lines)
  const streaming = lines.some((line) => line.streaming)
  return (
    <div
      id="terminal"
      role="log"
      aria-live="polite"
      aria-busy={streaming}
      aria-label="Conversation"
      tabindex={0}
      {...stick}
    >
      {lines.length === 0 && <p class="terminal-empty">{greeting()}</p>}
      {lines.map((line) => (
        <Entry key={line.id} line={line} />
      ))}
    </div>
  )
}

const greeting = (): string =>
  phase.value === 'signed-in'
    ? 'Ask your cluster something. The answer comes from your own machines.'
    : 'Sign in to talk to your cluster.'

/** The vnode of an unchanged line is kept: a growing answer renders one line, not all. */
function Entry({ line }: { line: Line }) {
  return useMemo(() => <EntryBody line={line} />, [line])
}

const CLASSES: Record<Line['kind'], string> = {
  user: 'user-message',
  agent: 'agent-message',
  error: 'error',
  note: 'note',
}
const SPEAKERS: Record<Line['kind'], string> = {
  user: 'You: ',
  agent: 'Agent: ',
  error: 'Error: ',
  note: '',
}

function EntryBody({ line }: { line: Line }) {
  return (
    <div class={`line ${CLASSES[line.kind]} ${line.streaming ? 'streaming' : ''}`}>
      {line.caption && <p class="caption">{line.caption}</p>}
      <p class="line-text">
        <span class="unseen">{SPEAKERS[line.kind]}</span>
        {line.text}
      </p>
    </div>
  )
}
