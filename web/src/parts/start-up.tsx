import type { Progress, ProgressStep } from '@muster/agent-app/contract/progress.ts'
import { useEffect, useState } from 'preact/hooks'
import { progress } from '../state/cluster.ts'
import { seconds } from '../text.ts'
import { Mark } from './mark.tsx'
import { Trouble } from './trouble.tsx'

/** What `up` is doing; folds itself away once the cluster is up. */
export function StartUp() {
  const now = progress.value.value
  const settled = now?.cluster === true && !now.steps.some(({ state }) => state === 'failed')
  const [open, setOpen] = useState(true)
  useEffect(() => setOpen(!settled), [settled])
  return (
    <section class="card" aria-labelledby="start-up-title">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="start-up-title">Start-up</h2>
          <span class="quiet" role="status">
            {now ? summaryOf(now) : 'asking…'}
          </span>
        </summary>
        <Trouble of={progress} />
        <ol class="steps">
          {now?.steps.map((step) => (
            <Step key={step.id} step={step} />
          ))}
        </ol>
        {now?.steps.length === 0 && <p class="quiet">No steps are recorded yet.</p>}
      </details>
    </section>
  )
}

function Step({ step }: { step: ProgressStep }) {
  return (
    <li class={`step step-${step.state}`}>
      <Mark kind={step.state} />
      <span class="step-title">{step.title}</span>
      <span class="step-state">
        {step.state}
        {step.seconds !== null && `, ${seconds(step.seconds)}`}
      </span>
      {step.detail && <p class="step-detail">{step.detail}</p>}
    </li>
  )
}

function summaryOf({ cluster, steps }: Progress): string {
  const failed = steps.filter(({ state }) => state === 'failed').length
  if (failed > 0) return `${failed} ${failed === 1 ? 'step' : 'steps'} failed`
  if (cluster) return 'the cluster is up'
  const done = steps.filter(({ state }) => state === 'done' || state === 'skipped').length
  return `${done} of ${steps.length} steps`
}
