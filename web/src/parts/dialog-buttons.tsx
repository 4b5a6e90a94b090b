type Props = { label: string; sending: boolean; close: () => void; danger?: boolean }

export function DialogButtons({ label, sending, close, danger = false }: Props) {
  return (
    <div class="row dialog-buttons">
      <button type="button" onClick={close}>
        Cancel
      </button>
      <button type="submit" class={danger ? 'danger' : 'primary'} aria-disabled={sending}>
        {sending ? 'Sending…' : label}
      </button>
    </div>
  )
}
