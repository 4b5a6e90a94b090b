import { contentsText, type DiskChoice, diskChoices, diskText } from '../disks.ts'
import { Choice } from './choice.tsx'
import type { FieldProps } from './form-props.ts'

export function DiskField({ machine, draft, change, about }: FieldProps) {
  const choices = diskChoices(machine.boot)
  const [first] = choices
  return (
    <fieldset class="choices">
      <legend>Disk that is written</legend>
      {choices.map((choice) => (
        <Choice
          key={choice.rule}
          {...(choice === first ? { id: 'install-disk' } : {})}
          type="radio"
          name="disk"
          checked={draft.disk === choice.rule}
          onChange={() => change({ disk: choice.rule })}
          {...wordsOf(choice, choices.length > 1)}
          {...about('disk')}
        />
      ))}
    </fieldset>
  )
}

function wordsOf({ disk }: DiskChoice, others: boolean) {
  if (disk) return { children: diskText(disk), hint: `On it: ${contentsText(disk)}.` }
  return others
    ? { children: 'Another one', hint: 'Whichever is its only fixed disk at the next boot.' }
    : {
        children: 'Its one fixed disk',
        hint: 'Not known yet. With more than one fixed disk nothing is written, and you are asked again.',
      }
}
