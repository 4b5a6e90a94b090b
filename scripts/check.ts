// npm run check: types, lint and format. `npm test` runs it first.
import path from 'node:path'
import { execa } from 'execa'

const ROOT = path.join(import.meta.dirname, '..')
const checks: [string, string[]][] = [
  ['node_modules/.bin/tsc', ['-p', '.']],
  ['node_modules/@biomejs/cli-linux-x64/biome', ['check', '.']],
]

for (const [program, args] of checks) {
  const run = await execa(path.join(ROOT, program), args, {
    cwd: ROOT,
    stdio: 'inherit',
    reject: false,
  })
  if (run.exitCode !== 0) {
    process.stderr.write(
      `${path.basename(program)} found something; npm run format mends what is only form.\n`,
    )
    process.exit(1)
  }
}
process.stdout.write('types, lint and format are fine\n')
