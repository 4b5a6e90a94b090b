import { phase } from '../state/session.ts'
import { Chat } from './chat.tsx'
import { Controls } from './controls.tsx'
import { Experts } from './experts.tsx'
import { Header } from './header.tsx'
import { Machines } from './machines.tsx'
import { SignIn } from './sign-in.tsx'
import { StartUp } from './start-up.tsx'

/** The chat and the controls are always on the page; they wait while nobody is signed in. */
export function App() {
  const signedIn = phase.value === 'signed-in'
  return (
    <>
      <a class="skip-link" href="#message-input">
        Skip to the chat
      </a>
      <Header />
      <main class="layout">
        <div class="column">
          {signedIn ? <StartUp /> : <SignIn />}
          {signedIn && <Machines />}
          {signedIn && <Experts />}
          <Controls />
        </div>
        <Chat />
      </main>
    </>
  )
}
