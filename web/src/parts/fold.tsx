import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'

type Props = { title: string; of: string; id?: string; children: () => ComponentChildren }

/** A folded part of a machine's card; what is inside is made when it is opened. */
export function Fold({ title, of, id, children }: Props) {
  const open = useSignal(false)
  return (
    <details
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary {...(id ? { id } : {})}>
        {title}
        <span class="unseen"> ({of})</span>
      </summary>
      {open.value && children()}
    </details>
  )
}
