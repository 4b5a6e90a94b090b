type Props = {
  id: string
  label: string
  value: string
  onInput: (value: string) => void
  inputmode?: 'numeric'
  'aria-invalid'?: boolean
  'aria-describedby'?: string
}

/** One line of text that nobody should complete or correct, with its label. */
export function TextField({ id, label, onInput, ...input }: Props) {
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...input}
      />
    </>
  )
}
