import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { notice, phase, signIn } from '../state/session.ts'

export function SignIn() {
  const key = useSignal('')
  const asking = useSignal(false)
  const field = useRef<HTMLInputElement>(null)
  const checking = phase.value === 'checking'
  useEffect(() => {
    if (!checking) field.current?.focus()
  }, [checking])

  const submit = async (event: Event) => {
    event.preventDefault()
    if (key.value.trim() === '' || asking.value) return
    asking.value = true
    await signIn(key.value.trim())
    asking.value = false
    key.value = ''
    field.current?.focus()
  }

  return (
    <section class="card" aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">Sign in</h2>
      <p class={noticeClass()} id="sign-in-notice" role="alert">
        {notice.value?.text}
      </p>
      {checking ? (
        <p class="quiet">Looking for your session…</p>
      ) : (
        <form onSubmit={submit} autocomplete="off">
          <label for="api-key-input">API key</label>
          <input
            id="api-key-input"
            ref={field}
            type="password"
            autocomplete="off"
            spellcheck={false}
            aria-describedby="sign-in-notice api-key-hint"
            value={key.value}
            onInput={(event) => {
              key.value = event.currentTarget.value
            }}
          />
          <p class="quiet" id="api-key-hint">
            The key that <code>up</code> printed. This browser keeps a cookie for 12 hours, never
            the key.
          </p>
          <button type="submit" class="primary" aria-disabled={asking.value}>
            {asking.value ? 'Signing in…' : 'Sign in'}
          </button>
        </form>
      )}
    </section>
  )
}

function noticeClass(): string {
  if (!notice.value) return 'no-notice'
  return notice.value.bad ? 'notice' : 'notice notice-calm'
}
