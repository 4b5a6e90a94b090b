import { useSignal } from '@preact/signals'
import { api } from '../api.ts'
import { readMacs } from '../macs.ts'
import { concerns } from '../problem.ts'
import { acceptWindow } from '../state/cluster.ts'
import { Choice } from './choice.tsx'
import { FormProblem } from './form-problem.tsx'
import { windowText } from './machine-words.ts'
import { TextField } from './text-field.tsx'
import { useRequest } from './use-request.ts'

const PROBLEM = 'window-problem'

/** Which machines, for how long. */
export function AcceptWindowForm() {
  const macs = useSignal('')
  const minutes = useSignal('60')
  const erase = useSignal(false)
  const answer = useSignal<string | null>(null)
  const { sending, problem, run } = useRequest()

  const ask = async (request: Parameters<typeof api.setAcceptWindow>[0]) => {
    answer.value = null
    const window = await run(() => api.setAcceptWindow(request))
    if (!window) return
    answer.value = window.open ? `${windowText(window)}.` : 'Closed.'
    acceptWindow.refresh()
  }
  const submit = (event: Event) => {
    event.preventDefault()
    const read = readMacs(macs.value)
    const text = problemText(read)
    problem.value = text ? { text, field: 'macs' } : null
    if (text) document.getElementById('window-macs')?.focus()
    else void ask({ macs: read.macs, minutes: Number(minutes.value), erase: erase.value })
  }
  const about = (field: string) => concerns(problem.value, field, PROBLEM)
  return (
    <form onSubmit={submit} noValidate autocomplete="off">
      <p class="quiet">
        For some minutes these machines are accepted when they boot from the network, without asking
        you: the prebuilt image, on their one fixed disk.
      </p>
      <label for="window-macs">MAC addresses, one per line</label>
      <textarea
        id="window-macs"
        class="mono"
        rows={3}
        spellcheck={false}
        value={macs.value}
        onInput={(event) => {
          macs.value = event.currentTarget.value
        }}
        {...about('macs')}
      />
      <TextField
        id="window-minutes"
        label="Minutes (1 to 1440)"
        inputmode="numeric"
        value={minutes.value}
        onInput={(value) => {
          minutes.value = value
        }}
        {...about('minutes')}
      />
      <Choice
        type="checkbox"
        id="window-erase"
        checked={erase.value}
        onChange={(checked) => {
          erase.value = checked
        }}
        hint="Otherwise only machines with a blank disk are installed."
      >
        Erase what is on their disks
      </Choice>
      <FormProblem id={PROBLEM} problem={problem.value} />
      <div class="row">
        <button
          type="submit"
          class={erase.value ? 'danger' : 'primary'}
          aria-disabled={sending.value}
        >
          {sending.value ? 'Sending…' : 'Accept them'}
        </button>
        <button
          type="button"
          disabled={!acceptWindow.value.value?.open}
          onClick={() => void ask({ minutes: 0 })}
        >
          Stop accepting
        </button>
      </div>
      <p class={answer.value ? 'quiet' : 'no-notice'} role="status">
        {answer.value}
      </p>
    </form>
  )
}

function problemText({ macs, wrong }: ReturnType<typeof readMacs>): string | null {
  if (wrong.length > 0) return `No MAC address of a network card: ${wrong.join(', ')}`
  return macs.length === 0 ? 'Write at least one MAC address, like 52:54:00:12:34:56.' : null
}
