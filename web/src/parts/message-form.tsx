import { useEffect, useRef } from 'preact/hooks'
import { connection, draft, interrupt, say, sentTexts, transcript } from '../state/chat.ts'
import { phase } from '../state/session.ts'
import { useHistory } from './history.ts'

export function MessageForm() {
  const field = useRef<HTMLTextAreaElement>(null)
  const signedIn = phase.value === 'signed-in'
  const connected = connection.value === 'connected'
  const history = useHistory()
  useEffect(() => {
    // On a narrow screen this would scroll past the machines and open the on-screen keyboard.
    if (signedIn && matchMedia('(min-width: 901px)').matches) field.current?.focus()
  }, [signedIn])

  const send = (event: Event) => {
    event.preventDefault()
    if (say(draft.value)) {
      draft.value = ''
      history.reset()
    }
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) return send(event)
    const recalled = history.recall(event.key, draft.value, sentTexts.value)
    if (recalled === null) return
    event.preventDefault()
    draft.value = recalled
  }
  const stop = () => {
    interrupt()
    field.current?.focus()
  }

  return (
    <form id="input-area" class="input-area" onSubmit={send}>
      <label class="unseen" for="message-input">
        Message to the agent
      </label>
      <textarea
        id="message-input"
        ref={field}
        rows={1}
        placeholder={placeholder(signedIn, connected)}
        disabled={!signedIn}
        value={draft.value}
        onInput={(event) => {
          draft.value = event.currentTarget.value
        }}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        id="stop-btn"
        disabled={!connected || !transcript.value.busy}
        onClick={stop}
      >
        Stop
      </button>
      <button
        type="submit"
        id="send-btn"
        class="primary"
        disabled={!connected || draft.value.trim() === ''}
      >
        Send
      </button>
    </form>
  )
}

function placeholder(signedIn: boolean, connected: boolean): string {
  if (!signedIn) return 'Sign in first'
  return connected ? 'Ask your cluster…' : 'Waiting for the connection…'
}
