import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { type Asked, asked } from '../state/asked.ts'
import { idOf, machines } from '../state/cluster.ts'
import { ConfirmForm } from './confirm-form.tsx'
import type { FormProps } from './form-props.ts'
import { InstallForm } from './install-form.tsx'
import { titleId } from './machine-card.tsx'
import { isOnlyIdentity } from './machine-words.ts'
import { RetireForm } from './retire-form.tsx'

/** The question about one machine. It stands outside of the list, so that the list may change below it. */
export function MachineDialog() {
  const question = asked.value
  const machine = machines.value.value?.find((one) => idOf(one) === question?.machine)
  return question && <OpenDialog key={question.machine} question={question} machine={machine} />
}

type Props = { question: Asked; machine: Machine | undefined }

function OpenDialog({ question, machine }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => element.current?.showModal(), [])
  const close = () => element.current?.close()
  const focusCard = () => document.getElementById(titleId(question.machine))?.focus()
  const done = () => {
    close()
    // The button that opened the dialog is about to go.
    focusCard()
    machines.refresh()
  }
  const closed = () => {
    asked.value = null
    // The browser gives the focus back to the button, unless that has gone.
    const { activeElement, body } = document
    if (activeElement === body || element.current?.contains(activeElement)) focusCard()
  }
  return (
    <dialog ref={element} class="dialog" aria-labelledby="dialog-title" onClose={closed}>
      {machine ? (
        <Form machine={machine} action={question.action} close={close} done={done} />
      ) : (
        <Gone close={close} />
      )}
    </dialog>
  )
}

function Form({ action, ...props }: FormProps & { action: Asked['action'] }) {
  if (action === 'retire') return <RetireForm {...props} />
  if (action === 'accept' && isOnlyIdentity(props.machine)) return <ConfirmForm {...props} />
  return <InstallForm action={action} {...props} />
}

function Gone({ close }: { close: () => void }) {
  return (
    <>
      <h2 id="dialog-title">This machine is gone</h2>
      <p>It is not in the list of machines any more.</p>
      <button type="button" onClick={close}>
        Close
      </button>
    </>
  )
}
