// npm run chain [-- --json]: the whole chain with a test machine, and the time of each stage.
import path from 'node:path'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

if (process.getuid?.() !== 0) {
  say('npm run chain makes a network namespace and a test machine: it needs root.')
  process.exit(1)
}
await prepareLab(say)
say('  stage     total')
const { ok, stdout, folder } = await runInNetwork(
  path.join(import.meta.dirname, 'inside.ts'),
  'chain',
)
if (process.argv.includes('--json')) process.stdout.write(`${stdout}\n`)
say(`${ok ? 'Screenshot' : 'Logs'}: ${folder}`)
process.exitCode = ok ? 0 : 1
