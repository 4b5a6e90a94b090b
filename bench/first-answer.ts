import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Appliance } from '@muster/test/lab/appliance.ts'
import type { Benchmark, Measured } from './figure.ts'
import { median } from './figure.ts'
import { firstToken } from './first-token.ts'

const RUNS = 3

/** Who is asked, and how `up` is started. */
const KINDS = {
  embedded: {
    args: ['--no-cluster'],
    model: 'auto',
    expert: 'embedded',
    cold: '<= 10',
    warm: '<= 10',
  },
  cluster: {
    args: [],
    model: 'general',
    expert: 'general@appliance',
    cold: '<= 60',
    warm: '<= 30',
  },
} as const
type Kind = keyof typeof KINDS

/**
 * Seconds from the start of `up` (as `npm run up` starts it) to the first streamed token.
 * Cold = a new, empty state folder; warm = a second start on it. Programs come from the cache in both.
 */
export const firstAnswer: Benchmark = async (say) => {
  const figures: Measured[] = []
  for (const kind of ['embedded', 'cluster'] as const) {
    const cold: number[] = []
    const warm: number[] = []
    for (let run = 1; run <= RUNS; run++) {
      const [first, second] = await coldAndWarm(kind)
      cold.push(first)
      warm.push(second)
      say(`${kind} run ${run}: cold ${first.toFixed(2)} s, warm ${second.toFixed(2)} s`)
    }
    const { cold: coldGoal, warm: warmGoal } = KINDS[kind]
    const name = (state: string) =>
      `first token of ${kind}, ${state}, binaries cached, median of ${RUNS}`
    figures.push(
      { name: name('new state'), value: median(cold), unit: 's', goal: coldGoal },
      { name: name('second start'), value: median(warm), unit: 's', goal: warmGoal },
    )
  }
  return figures
}

async function coldAndWarm(kind: Kind): Promise<[number, number]> {
  const state = await mkdtemp(path.join(tmpdir(), 'muster-bench-'))
  try {
    return [await seconds(kind, state), await seconds(kind, state)]
  } finally {
    await rm(state, { recursive: true, force: true })
  }
}

async function seconds(kind: Kind, state: string): Promise<number> {
  const { args, model, expert } = KINDS[kind]
  const began = performance.now()
  const appliance = await Appliance.start([...args, '--state', state])
  try {
    if (kind === 'cluster') await appliance.cluster()
    const answered = await expertAnswers(appliance, model, expert)
    return (answered - began) / 1000
  } finally {
    await appliance.stop()
  }
}

/** When the expert's first token came. Until the directory knows an expert of the cluster, the fallback may answer. */
async function expertAnswers(appliance: Appliance, model: string, expert: string): Promise<number> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline)
    if ((await firstToken(appliance.line, model)) === expert) return performance.now()
  throw new Error(`${expert} did not answer within a minute`)
}
