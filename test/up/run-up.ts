import path from 'node:path'
import { execa } from 'execa'

const ROOT = path.join(import.meta.dirname, '../..')

export type Ended = { exitCode: number | undefined; stdout: string; stderr: string }

/** `npm run up -- ARGS` to its end, for the cases in which it ends by itself. Killed after a minute. */
export async function runUp(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  const program = [path.join(ROOT, 'scripts/node24.mjs'), path.join(ROOT, 'cli/src/up.ts')]
  const { exitCode, stdout, stderr } = await execa(process.execPath, [...program, ...args], {
    env,
    reject: false,
    timeout: 60_000,
  })
  return { exitCode, stdout, stderr }
}
