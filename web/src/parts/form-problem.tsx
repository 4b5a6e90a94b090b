import type { Problem } from '../problem.ts'

/** What is wrong with a form, said at once; fields name it as their description. */
export function FormProblem({ id, problem }: { id: string; problem: Problem | null }) {
  return (
    <p class={problem ? 'notice' : 'no-notice'} id={id} role="alert">
      {problem?.text}
    </p>
  )
}
