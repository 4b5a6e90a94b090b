import type { Expert } from '@muster/agent-app/contract/expert.ts'
import { experts } from '../state/cluster.ts'
import { Mark } from './mark.tsx'
import { Trouble } from './trouble.tsx'

export function Experts() {
  const all = experts.value.value
  return (
    <section class="card" aria-labelledby="experts-title">
      <h2 id="experts-title">Experts</h2>
      <Trouble of={experts} />
      {all?.length === 0 && (
        <p class="empty quiet">
          No expert is running yet. One starts with each machine that is ready.
        </p>
      )}
      <ul class="experts">
        {all?.map((expert) => (
          <ExpertRow key={expert.id} expert={expert} />
        ))}
      </ul>
    </section>
  )
}

function ExpertRow({ expert }: { expert: Expert }) {
  const place = expert.node ? `on ${expert.node}` : 'inside the agent'
  return (
    <li class="expert" data-expert={expert.id}>
      <Mark kind={expert.healthy ? 'done' : 'failed'} />
      <span class="expert-id">{expert.id}</span>
      <span class="expert-tags">
        {expert.fallback && <span class="pill">fallback</span>}
        <span>{expert.healthy ? 'healthy' : 'not healthy'}</span>
      </span>
      <span class="quiet expert-model">
        {expert.model ?? 'model not known'}, {place}
      </span>
      {expert.detail && <p class="expert-detail">{expert.detail}</p>}
    </li>
  )
}
