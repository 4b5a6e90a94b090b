// npm run package-install [-- --json]: a whole installation by the Debian installer, and the time of each stage.
import path from 'node:path'
import { runInNetwork } from '../lab/in-network.ts'
import { prepareLab } from '../lab/prepare.ts'
import { prepareInstaller } from './prepared.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

if (process.getuid?.() !== 0) {
  say('npm run package-install makes a network namespace and a PC in QEMU: it needs root.')
  process.exit(1)
}
await prepareLab(say)
await prepareInstaller(say)
say('  stage     total')
const script = path.join(import.meta.dirname, 'inside-full.ts')
const { ok, stdout, folder } = await runInNetwork(script, 'package')
if (process.argv.includes('--json')) process.stdout.write(`${stdout}\n`)
say(`${ok ? 'Serial log' : 'Logs'}: ${folder}`)
process.exitCode = ok ? 0 : 1
