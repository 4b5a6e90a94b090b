// npm run chain: the whole chain with a test machine, and the time of each stage.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { inNetwork, makeNetwork } from '../lab/network.ts'
import { prepareLab } from '../lab/prepare.ts'

if (process.getuid?.() !== 0) {
  process.stderr.write(
    'npm run chain makes a network namespace and a test machine: it needs root.\n',
  )
  process.exit(1)
}
await prepareLab((line) => process.stderr.write(`${line}\n`))
const folder = await mkdtemp(path.join(tmpdir(), 'muster-chain-'))
const network = await makeNetwork(`mc${process.pid}`)
try {
  process.stderr.write(
    '  stage     total  (what was made before: binaries, the image of the machine)\n',
  )
  const [command = '', ...args] = [
    ...inNetwork(network.name),
    process.execPath,
    path.join(import.meta.dirname, 'inside.ts'),
  ]
  const run = await execa(command, [...args, network.name, folder], {
    stdin: 'ignore',
    stdout: ['pipe'],
    stderr: 'inherit',
    reject: false,
  })
  if (process.argv.includes('--json')) process.stdout.write(`${run.stdout}\n`)
  process.exitCode = run.exitCode ?? 1
  // What a failed run left is kept for reading; a good one leaves its screenshot.
  if (process.exitCode === 0) await rm(path.join(folder, 'state'), { recursive: true, force: true })
  process.stderr.write(`Screenshot, and the logs of a failed run: ${folder}\n`)
} finally {
  await network.remove()
}
