// npm run boot-chain [-- --json]: two blank PCs become nodes over the network, and the time of each stage.
import path from 'node:path'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

if (process.getuid?.() !== 0) {
  say('npm run boot-chain makes a network namespace and PCs in QEMU: it needs root.')
  process.exit(1)
}
await prepareLab(say)
say('  stage     total')
const script = path.join(import.meta.dirname, 'inside.ts')
const { ok, stdout, folder } = await runInNetwork(script, 'boot')
if (process.argv.includes('--json')) process.stdout.write(`${stdout}\n`)
if (!ok) say(`Logs: ${folder}`)
process.exitCode = ok ? 0 : 1
