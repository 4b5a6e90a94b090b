import { useSignal } from '@preact/signals'
import { logLines } from '../state/server-log.ts'
import { useStickToEnd } from './stick-to-end.ts'

export function ServerLog() {
  const open = useSignal(false)
  return (
    <details
      id="server-log"
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        Agent log <span class="quiet">{logLines.value.length} lines</span>
      </summary>
      {open.value && <LogLines />}
    </details>
  )
}

function LogLines() {
  const stick = useStickToEnd<HTMLPreElement>(logLines.value)
  return (
    <pre class="log" role="log" aria-live="off" aria-label="Agent log" tabindex={0} {...stick}>
      {logLines.value.join('\n')}
    </pre>
  )
}
