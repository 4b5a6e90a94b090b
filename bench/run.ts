// npm run bench -- NAME: measures, prints a table, keeps bench/results/NAME.json, exits 1 where a goal is missed.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { replaceFile } from '@muster/base/atomic-file.ts'
import { insideOwnNetwork, noNetworkReason } from '@muster/test/up/own-network.ts'
import { bootStorm } from './boot-storm.ts'
import { bootTime } from './boot-time.ts'
import { type Benchmark, judge } from './figure.ts'
import { firstAnswer } from './first-answer.ts'
import { idle } from './idle.ts'
import { imageStorm } from './image-storm.ts'
import { machineFacts } from './machine.ts'
import { tableOf } from './table.ts'

const RESULTS = path.join(import.meta.dirname, 'results')
const benchmarks: Record<string, Benchmark> = {
  'boot-storm': bootStorm,
  'boot-time': bootTime,
  'first-answer': firstAnswer,
  idle,
  'image-storm': imageStorm,
}

const say = (line: string) => process.stderr.write(`${line}\n`)
const [name = ''] = process.argv.slice(2)
const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined

if (!benchmark) {
  say(`npm run bench -- NAME, where NAME is one of: ${Object.keys(benchmarks).join(', ')}`)
  process.exitCode = name ? 1 : 0
} else if (noNetworkReason() || (await insideOwnNetwork(import.meta.filename, [name]))) {
  await measure(benchmark)
}

async function measure(work: Benchmark): Promise<void> {
  const figures = (await work(say)).map(judge)
  await mkdir(RESULTS, { recursive: true })
  const result = { name, figures, machine: machineFacts() }
  await replaceFile(
    path.join(RESULTS, `${name}.json`),
    `${JSON.stringify(result, null, 2)}\n`,
    0o644,
  )
  process.stdout.write(`${tableOf(figures)}\n`)
  if (figures.some(({ holds }) => holds === false)) process.exitCode = 1
}
