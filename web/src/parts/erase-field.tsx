import { diskChoices, eraseText } from '../disks.ts'
import { Choice } from './choice.tsx'
import type { FieldProps } from './form-props.ts'

export function EraseField({ machine, draft, change, about }: FieldProps) {
  const chosen = diskChoices(machine.boot).find(({ rule }) => rule === draft.disk)
  const loses = draft.erase && !chosen?.disk?.blank
  const marks = about('erase')
  return (
    <>
      <Choice
        type="checkbox"
        id="install-erase"
        checked={draft.erase}
        onChange={(erase) => change({ erase })}
        {...marks}
        aria-describedby={`erase-warning ${marks['aria-describedby'] ?? ''}`.trim()}
      >
        Erase what is on the disk
      </Choice>
      <p class={loses ? 'notice' : 'notice notice-calm'} id="erase-warning" role="status">
        {loses && <strong>Warning: </strong>}
        {chosen ? eraseText(chosen.disk, draft.erase) : 'Choose a disk to see what is on it.'}
      </p>
    </>
  )
}
