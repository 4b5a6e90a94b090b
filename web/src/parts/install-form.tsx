import { useSignal } from '@preact/signals'
import { useLayoutEffect } from 'preact/hooks'
import { api } from '../api.ts'
import { concerns } from '../problem.ts'
import {
  draftOf,
  draftProblem,
  type InstallAction,
  type InstallDraft,
  mayRename,
  mustConfirm,
  requestOf,
} from '../state/install-draft.ts'
import { DialogButtons } from './dialog-buttons.tsx'
import { DiskField } from './disk-field.tsx'
import { EraseField } from './erase-field.tsx'
import { FormProblem } from './form-problem.tsx'
import type { FormProps } from './form-props.ts'
import { ModeField } from './mode-field.tsx'
import { TextField } from './text-field.tsx'
import { useRequest } from './use-request.ts'

const PROBLEM = 'dialog-problem'

/** How a machine is to be installed: at first, or again. */
export function InstallForm({
  machine,
  action,
  close,
  done,
}: FormProps & { action: InstallAction }) {
  const draft = useSignal(draftOf(machine))
  const { sending, problem, run } = useRequest()
  useLayoutEffect(() => {
    const field = problem.value?.field
    if (field) document.getElementById(`install-${field}`)?.focus()
  }, [problem.value])

  const change = (part: Partial<InstallDraft>) => {
    draft.value = { ...draft.value, ...part }
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    problem.value = draftProblem(draft.value, machine, action)
    if (problem.value) return
    const request = requestOf(draft.value, machine, action)
    if (await run(() => api[action](machine.name, request))) done()
  }
  const about = (field: string) => concerns(problem.value, field, PROBLEM)
  const props = { machine, draft: draft.value, change, about }
  return (
    <form onSubmit={submit} noValidate autocomplete="off">
      <h2 id="dialog-title">
        {action === 'accept' ? 'Accept' : 'Reinstall'} {machine.name}
      </h2>
      <p class="quiet">It is installed at its next boot from the network.</p>
      <Outdated machine={machine} action={action} />
      {mayRename(machine, action) && (
        <TextField
          id="install-name"
          label="Name"
          value={draft.value.name}
          onInput={(name) => change({ name })}
          {...about('name')}
        />
      )}
      <DiskField {...props} />
      <EraseField {...props} />
      {mustConfirm(draft.value, action) && (
        <TextField
          id="install-confirmation"
          label={`Type “${machine.name}” to confirm`}
          value={draft.value.confirmation}
          onInput={(confirmation) => change({ confirmation })}
          {...about('confirmation')}
        />
      )}
      <ModeField {...props} />
      <FormProblem id={PROBLEM} problem={problem.value} />
      <DialogButtons
        label={action === 'accept' ? 'Accept' : 'Reinstall'}
        sending={sending.value}
        close={close}
        danger={draft.value.erase}
      />
    </form>
  )
}

/** The list goes on below the dialog: another person or the machine itself may be quicker. */
function Outdated({ machine, action }: Pick<FormProps, 'machine'> & { action: InstallAction }) {
  const late = !machine.actions.includes(action)
  return (
    <p class={late ? 'notice' : 'no-notice'} role="status">
      {late && `${machine.name} is ${machine.state} by now, and this is not possible any more.`}
    </p>
  )
}
