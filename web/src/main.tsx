import './jitless.ts'
import { effect, untracked } from '@preact/signals'
import { render } from 'preact'
import { App } from './parts/app.tsx'
import { closeChat, openChat } from './state/chat.ts'
import { startWatching, stopWatching } from './state/cluster.ts'
import { checkSession, phase } from './state/session.ts'

effect(() => {
  if (phase.value !== 'signed-in') return
  untracked(() => {
    startWatching()
    openChat()
  })
  return () => {
    stopWatching()
    closeChat()
  }
})

const root = document.getElementById('app')
if (root) render(<App />, root)
void checkSession()
