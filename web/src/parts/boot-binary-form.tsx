import { type BootBinary, bootBinaries } from '@muster/provisioning-api/contract/boot.ts'
import type { MachineBoot } from '@muster/provisioning-api/contract/machine.ts'
import { useSignal } from '@preact/signals'
import { api } from '../api.ts'
import { machines } from '../state/cluster.ts'
import { FormProblem } from './form-problem.tsx'
import { useRequest } from './use-request.ts'

type Props = { name: string; boot: MachineBoot }
type Wanted = BootBinary | 'next' | null

/** The first program that the firmware loads, and the others to try. */
export function BootBinaryForm({ name, boot }: Props) {
  const { problem, run } = useRequest()
  const answer = useSignal<string | null>(null)
  const chain: readonly BootBinary[] = bootBinaries[boot.platform ?? 'pcbios']
  const current = (boot.boot_binary ?? chain[0]) as BootBinary
  const next = chain[chain.indexOf(current) + 1]

  const choose = async (wanted: Wanted) => {
    answer.value = null
    const machine = await run(() => api.chooseBootBinary(name, wanted))
    if (!machine) return
    answer.value = 'Chosen. Start the machine again.'
    machines.refresh()
  }
  const problemId = `boot-problem-${boot.id}`
  return (
    <div class="boot-binary">
      <p class="quiet">
        Its firmware loads a small program first. When it stops there or says nothing, try the next
        one and start the machine again.
      </p>
      <ol class="chain">
        {chain.map((binary) => (
          <li key={binary} {...(binary === current ? { 'aria-current': 'step' as const } : {})}>
            <code>{binary}</code> {binary === current && <span class="pill">in use</span>}
          </li>
        ))}
      </ol>
      <div class="row">
        <button type="button" class="small" disabled={!next} onClick={() => void choose('next')}>
          {next ? `Try ${next}` : 'All were tried'}
        </button>
        <button
          type="button"
          class="small"
          disabled={boot.boot_binary === null}
          onClick={() => void choose(null)}
        >
          Back to the default
        </button>
      </div>
      <FormProblem id={problemId} problem={problem.value} />
      <p class={answer.value ? 'quiet' : 'no-notice'} role="status">
        {answer.value}
      </p>
    </div>
  )
}
