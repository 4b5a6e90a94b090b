import {
  AUTO,
  chosenExpert,
  connection,
  interrupt,
  transcript,
  wantedExpert,
} from '../state/chat.ts'
import { agentStatus, experts } from '../state/cluster.ts'
import { phase } from '../state/session.ts'
import { MessageForm } from './message-form.tsx'
import { Robot } from './robot.tsx'
import { ServerLog } from './server-log.tsx'
import { Terminal } from './terminal.tsx'

export function Chat() {
  const stopOnEscape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') interrupt()
  }
  return (
    <section class="card chat" aria-labelledby="chat-title" onKeyDown={stopOnEscape}>
      <div class="chat-head">
        <Robot mood={mood()} />
        <div class="chat-title">
          <h2 id="chat-title">Chat</h2>
          <p id="status-display" class="quiet">
            {agentStatus.value.value?.status.trim() ?? 'Waiting for the agent.'}
          </p>
        </div>
        <ExpertChoice />
      </div>
      <Terminal />
      <MessageForm />
      <ServerLog />
    </section>
  )
}

function mood() {
  if (connection.value !== 'connected') return connection.value
  return transcript.value.busy ? 'thinking' : 'connected'
}

function ExpertChoice() {
  return (
    <div class="expert-choice">
      <label for="expert-select">Expert</label>
      <select
        id="expert-select"
        value={chosenExpert.value}
        disabled={phase.value !== 'signed-in'}
        onChange={(event) => {
          wantedExpert.value = event.currentTarget.value
        }}
      >
        <option value={AUTO}>auto</option>
        {experts.value.value?.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </div>
  )
}
