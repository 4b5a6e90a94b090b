import type { ComponentChildren } from 'preact'

type Props = {
  type: 'radio' | 'checkbox'
  checked: boolean
  onChange: (checked: boolean) => void
  children: ComponentChildren
  /** A second, quieter line. */
  hint?: string
  id?: string
  name?: string
  'aria-invalid'?: boolean
  'aria-describedby'?: string
}

/** A radio button or a checkbox in its label. */
export function Choice({ children, hint, onChange, ...input }: Props) {
  return (
    <label class="choice">
      <input {...input} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {children}
        {hint && <span class="quiet choice-hint">{hint}</span>}
      </span>
    </label>
  )
}
