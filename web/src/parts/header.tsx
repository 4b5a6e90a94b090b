import { connection } from '../state/chat.ts'
import { me, phase, signOut } from '../state/session.ts'

const CONNECTION_TEXT = {
  offline: 'not connected',
  connecting: 'connecting…',
  connected: 'connected',
  lost: 'connection lost, trying again…',
} as const

export function Header() {
  const text = CONNECTION_TEXT[connection.value]
  return (
    <header class="header">
      <h1>
        <span
          id="status-light"
          class={`light light-${connection.value}`}
          role="img"
          aria-label={`Connection light: ${text}`}
        />
        Mission Control
      </h1>
      <p id="connection-status" class="quiet" role="status">
        {text}
      </p>
      {phase.value === 'signed-in' && <JumpLinks />}
      {phase.value === 'signed-in' && (
        <div class="account">
          <span class="quiet account-name">{me.value?.id}</span>
          <button type="button" id="sign-out-btn" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      )}
    </header>
  )
}

/** On a narrow screen the areas lie below each other; these save the scrolling. */
function JumpLinks() {
  return (
    <nav class="jump" aria-label="Areas">
      <a href="#machines-title">Machines</a>
      <a href="#experts-title">Experts</a>
      <a href="#chat-title">Chat</a>
    </nav>
  )
}
