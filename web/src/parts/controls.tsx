import { useSignal } from '@preact/signals'
import { ApiError, api, type WebLink } from '../api.ts'
import { connection } from '../state/chat.ts'
import { webLinks } from '../state/cluster.ts'
import { asApiError } from '../state/resource.ts'
import { selfTest, testing } from '../state/self-test.ts'
import { phase } from '../state/session.ts'

export function Controls() {
  const signedIn = phase.value === 'signed-in'
  return (
    <section class="card" id="controls" aria-labelledby="controls-title">
      <h2 id="controls-title">Tools</h2>
      <div class="row">
        <button
          type="button"
          id="test-and-evaluation-btn"
          disabled={connection.value !== 'connected' || testing.value}
          onClick={() => void selfTest()}
        >
          {testing.value ? 'Testing…' : 'Self test'}
        </button>
        <ul id="admin-ui-links" class="links" aria-label="Surfaces of the cluster">
          {webLinks.value.value?.map((link) => (
            <AdminLink key={link.name} link={link} />
          ))}
        </ul>
      </div>
      <SavedStates enabled={signedIn} />
    </section>
  )
}

/** What is not reachable, and any address that is not of the web, stays plain text. */
function AdminLink({ link }: { link: WebLink }) {
  if (!link.url || !/^https?:\/\//i.test(link.url)) return <li class="quiet">{link.name}</li>
  return (
    <li>
      <a href={link.url} target="_blank" rel="noreferrer">
        {link.name}
        <span class="unseen"> (new tab)</span>
      </a>
    </li>
  )
}

function SavedStates({ enabled }: { enabled: boolean }) {
  const name = useSignal('')
  const answer = useSignal<{ text: string; failed: boolean } | null>(null)
  const usable = enabled && name.value.trim() !== ''
  const run = async (action: (name: string) => Promise<{ message: string }>) => {
    const reply = await action(name.value.trim()).catch(asApiError)
    answer.value = { text: reply.message, failed: reply instanceof ApiError }
  }
  return (
    <form class="saves" onSubmit={(event) => event.preventDefault()}>
      <label for="save-name-input">Name of a saved state</label>
      <div class="row">
        <input
          id="save-name-input"
          type="text"
          autocomplete="off"
          value={name.value}
          disabled={!enabled}
          onInput={(event) => {
            name.value = event.currentTarget.value
          }}
        />
        <button
          type="button"
          id="save-state-btn"
          disabled={!usable}
          onClick={() => void run(api.saveState)}
        >
          Save
        </button>
        <button
          type="button"
          id="load-state-btn"
          disabled={!usable}
          onClick={() => void run(api.loadState)}
        >
          Load
        </button>
      </div>
      <p class={answerClass(answer.value)} id="save-answer" role="status">
        {answer.value?.text}
      </p>
    </form>
  )
}

const answerClass = (answer: { failed: boolean } | null): string =>
  answer === null ? 'no-notice' : answer.failed ? 'notice' : 'quiet'
