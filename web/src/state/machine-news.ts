import type { Machine } from '@muster/provisioning-api/contract/machine.ts'
import { effect, signal } from '@preact/signals'
import { idOf, machines } from './cluster.ts'

/** More changes at once than this are counted instead of told. */
const MOST_TOLD = 3

/** What happened to the machines last, for whoever does not see the list change. */
export const news = signal('')

/** Tells the states and conflicts that differ between two lists, empty when none do. */
export function changes(before: readonly Machine[], after: readonly Machine[]): string {
  const known = new Map(before.map((machine) => [idOf(machine), situation(machine)]))
  const changed = after.filter((machine) => known.get(idOf(machine)) !== situation(machine))
  if (changed.length > MOST_TOLD) return `${changed.length} machines changed.`
  return changed
    .map(({ name, state, boot }) => `${name}: ${state}. ${boot?.conflict ?? ''}`)
    .join(' ')
}

const situation = ({ state, boot }: Machine): string => `${state} ${boot?.conflict}`

let last: readonly Machine[] | null = null
effect(() => {
  const now = machines.value.value
  if (last && now) news.value = changes(last, now) || news.peek()
  last = now
})
