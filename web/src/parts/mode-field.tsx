import type { InstallMode } from '@muster/provisioning-api/contract/machine.ts'
import { Choice } from './choice.tsx'
import type { FieldProps } from './form-props.ts'

const MODES: Record<InstallMode, { label: string; hint: string }> = {
  image: { label: 'Prebuilt image', hint: 'Minutes. Writes a Debian that has everything already.' },
  package: {
    label: 'Debian installer',
    hint: 'Slower. Installs package by package, for machines that the image does not suit.',
  },
}

export function ModeField({ draft, change }: FieldProps) {
  return (
    <fieldset class="choices" id="install-mode">
      <legend>How it is installed</legend>
      {(Object.keys(MODES) as InstallMode[]).map((mode) => (
        <Choice
          key={mode}
          type="radio"
          name="mode"
          checked={draft.mode === mode}
          hint={MODES[mode].hint}
          onChange={() => change({ mode })}
        >
          {MODES[mode].label}
        </Choice>
      ))}
    </fieldset>
  )
}
