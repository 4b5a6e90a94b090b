import { api } from '../api.ts'
import { DialogButtons } from './dialog-buttons.tsx'
import { FormProblem } from './form-problem.tsx'
import type { FormProps } from './form-props.ts'
import { useRequest } from './use-request.ts'

/** Says that changed hardware is the machine that is known. Nothing is installed by that. */
export function ConfirmForm({ machine, close, done }: FormProps) {
  const { sending, problem, run } = useRequest()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (await run(() => api.accept(machine.name, {}))) done()
  }
  return (
    <form onSubmit={submit}>
      <h2 id="dialog-title">Is this still {machine.name}?</h2>
      <p class="notice">{machine.boot?.conflict}</p>
      <p>
        Say yes only if you changed its hardware yourself. Nothing is installed or erased by this:
        it goes on as the machine that you know.
      </p>
      <FormProblem id="dialog-problem" problem={problem.value} />
      <DialogButtons label="Yes, it is" sending={sending.value} close={close} />
    </form>
  )
}
