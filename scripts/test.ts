// npm test: brings what the tests need, then runs all of them. Arguments are test files instead of all.
import path from 'node:path'
import { execa } from 'execa'
import { prepareLab } from '../test/lab/prepare.ts'
import { buildPage } from '../web/build.ts'

const ROOT = path.join(import.meta.dirname, '..')
const UNITS = ['base', 'cluster', 'pxe', 'provisioning-api', 'agent-app', 'web', 'cli'].map(
  (part) => `${part}/**/*.test.ts`,
)
/** Each of these has the machine for itself: clusters, test machines, a browser. */
const WHOLE = ['test/*.test.ts', 'test/*/*.test.ts']

const say = (line: string) => process.stderr.write(`${line}\n`)

async function run(args: string[]): Promise<void> {
  const child = await execa(process.execPath, args, { cwd: ROOT, stdio: 'inherit', reject: false })
  if (child.exitCode !== 0) process.exitCode = 1
}

const named = process.argv.slice(2)
if (process.getuid?.() === 0) await prepareLab(say)
else
  say(
    'Without root: tests that make network namespaces and test machines are skipped, each with its reason.',
  )
await run(['scripts/check.ts'])
await buildPage()
if (named.length > 0) await run(['--test', ...named])
else {
  await run(['--test', '--test-concurrency=2', ...UNITS])
  await run(['--test', '--test-concurrency=1', ...WHOLE])
}
