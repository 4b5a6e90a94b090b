import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { stageText } from './machine-words.ts'

/** What runs on a machine; how far, where it is known. */
export function MachineStage({ machine }: { machine: Machine }) {
  const { name, state, stage, boot } = machine
  if (state === 'ready' || state === 'retired') return null
  const words = stage && stageText(stage)
  if (state !== 'installing') return words && <p class="stage">{words}</p>
  const percent = boot?.percent ?? null
  return (
    <div class="progress">
      <p class="stage">{words ?? 'Starting'}</p>
      <span class="progress-number">{percent !== null && `${Math.floor(percent)} %`}</span>
      <progress
        max={100}
        {...(percent === null ? {} : { value: percent })}
        aria-label={`Installing ${name}: ${words ?? 'starting'}`}
      />
    </div>
  )
}
