import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { nextStep } from './machine-words.ts'

/** What keeps a machine from going on, what to do about it, and what else a person should know. */
export function MachineNotices({ machine }: { machine: Machine }) {
  const { reason, boot } = machine
  const step = nextStep(machine)
  return (
    <>
      {boot?.conflict && (
        <p class="notice">
          <strong>Conflict: </strong>
          {boot.conflict}
        </p>
      )}
      {reason && <p class="notice">{reason}</p>}
      {step && <p class="next-step">{step}</p>}
      {boot?.hints.map((hint) => (
        <p key={hint} class="notice notice-calm">
          <strong>Note: </strong>
          {hint}
        </p>
      ))}
    </>
  )
}
