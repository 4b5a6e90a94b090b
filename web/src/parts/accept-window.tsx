import { acceptWindow } from '../state/cluster.ts'
import { AcceptWindowForm } from './accept-window-form.tsx'
import { windowText } from './machine-words.ts'

/** How long listed machines are accepted, while they are. */
export function AcceptPill() {
  const window = acceptWindow.value.value
  if (!window?.open) return null
  return (
    <span class="pill pill-good" id="accept-window">
      {windowText(window)}
    </span>
  )
}

/** Lets listed machines be installed when they are seen, for a while. */
export function AcceptWindowFold() {
  return (
    <details class="window">
      <summary>Accept machines by their MAC address</summary>
      <AcceptWindowForm />
    </details>
  )
}
