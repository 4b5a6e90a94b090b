import type { Expert } from '../../contract/expert.ts'

/** An expert as the router sees it now. */
export type Candidate = Pick<Expert, 'id' | 'name' | 'kind' | 'healthy'> & {
  /** Requests it is working on for us. */
  pending: number
  /** It failed a moment ago. */
  suspect: boolean
}

export type Choice =
  | { order: readonly string[]; reason: string }
  | { order: null; error: 'no-expert' | 'expert-unknown' }

/** What a client may name as model besides experts. */
export const AUTO = 'auto'

/**
 * Whom to ask, in which order, and why (one sentence for people).
 * @param asked an id (`general@w1`), a name (`general` = any instance), or `auto`
 */
export function chooseExpert(experts: readonly Candidate[], asked: string | undefined): Choice {
  const wanted = asked ?? AUTO
  if (wanted === AUTO)
    return autoChoice(experts, 'it is the least busy healthy expert of the cluster')
  const named = experts.filter(({ id, name }) => id === wanted || name === wanted)
  if (named.length === 0) return { order: null, error: 'expert-unknown' }
  const able = byLoad(named)
  if (able.length > 0) {
    const siblings = byLoad(experts.filter(({ name }) => able.some((each) => each.name === name)))
    const order = unique([...able, ...siblings, ...fallbacks(experts)])
    return { order, reason: reasonForNamed(able[0]!, wanted) }
  }
  return fallbackFor(experts, `${wanted} is not healthy`)
}

function autoChoice(experts: readonly Candidate[], reason: string): Choice {
  const cluster = byLoad(experts.filter(({ kind }) => kind === 'cluster'))
  if (cluster.length === 0) return fallbackFor(experts, 'no expert of the cluster is healthy')
  return { order: unique([...cluster, ...fallbacks(experts)]), reason: `Chosen because ${reason}.` }
}

function fallbackFor(experts: readonly Candidate[], because: string): Choice {
  const order = unique(fallbacks(experts))
  if (order.length === 0) return { order: null, error: 'no-expert' }
  return { order, reason: `The embedded expert answers because ${because}.` }
}

const reasonForNamed = (first: Candidate, wanted: string): string =>
  first.id === wanted
    ? `Chosen because you asked for ${wanted}.`
    : `Chosen because you asked for ${wanted}; ${first.id} is its least busy instance.`

const fallbacks = (experts: readonly Candidate[]): Candidate[] =>
  experts.filter(({ kind, healthy }) => kind === 'embedded' && healthy)

/** Healthy ones: trusted before suspect, then the fewest pending, then by id. */
const byLoad = (experts: readonly Candidate[]): Candidate[] =>
  experts
    .filter(({ healthy }) => healthy)
    .sort(
      (a, b) =>
        Number(a.suspect) - Number(b.suspect) || a.pending - b.pending || (a.id < b.id ? -1 : 1),
    )

const unique = (experts: readonly Candidate[]): string[] => [
  ...new Set(experts.map(({ id }) => id)),
]
