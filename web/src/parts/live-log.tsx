import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { followLog, type ReadLog } from '../follow-log.ts'
import { useStickToEnd } from './stick-to-end.ts'

type Props = { read: ReadLog; of: string }

/** A log that grows; give it its source as key, so that another source starts afresh. */
export function LiveLog({ read, of }: Props) {
  const text = useSignal('')
  const state = useSignal('following…')
  const stick = useStickToEnd<HTMLPreElement>(text.value)
  useEffect(
    () =>
      followLog(read, {
        onText: (piece) => {
          text.value = lastPart(text.peek() + piece)
        },
        onState: (now) => {
          state.value = now
        },
      }),
    [],
  )
  return (
    <>
      <pre class="log" role="log" aria-label={`Log of ${of}`} tabindex={0} {...stick}>
        {text.value}
      </pre>
      <p class="quiet log-state">{state.value}</p>
    </>
  )
}

/** Characters kept on the page; the API has the whole log. */
const MOST_CHARACTERS = 400_000
const lastPart = (text: string): string =>
  text.length <= MOST_CHARACTERS
    ? text
    : `… older lines are left out …\n${text.slice(text.indexOf('\n', text.length - MOST_CHARACTERS) + 1)}`
