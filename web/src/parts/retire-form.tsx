import { api } from '../api.ts'
import { DialogButtons } from './dialog-buttons.tsx'
import { FormProblem } from './form-problem.tsx'
import type { FormProps } from './form-props.ts'
import { useRequest } from './use-request.ts'

export function RetireForm({ machine, close, done }: FormProps) {
  const { sending, problem, run } = useRequest()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await run(() => api.retire(machine.name))) done()
  }
  return (
    <form onSubmit={submit}>
      <h2 id="dialog-title">Retire {machine.name}?</h2>
      <p>
        From then on it starts from its own disk and may not call home. Its disk is left as it is. A
        retired machine can be accepted again later.
      </p>
      <FormProblem id="dialog-problem" problem={problem.value} />
      <DialogButtons
        label={`Retire ${machine.name}`}
        sending={sending.value}
        close={close}
        danger
      />
    </form>
  )
}
