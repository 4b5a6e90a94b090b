import type { Resource } from '../state/resource.ts'

/** Says why a panel may be out of date. */
export function Trouble<T>({ of }: { of: Resource<T> }) {
  const problem = of.problem.value
  return (
    <p class={problem ? 'notice' : 'no-notice'} role="status">
      {problem?.message}
    </p>
  )
}
