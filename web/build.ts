import { execFile } from 'node:child_process'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const WEB = import.meta.dirname
const REPOSITORY = path.dirname(WEB)
const LOCK = path.join(WEB, 'node_modules', '.building')
const BUILD_MILLISECONDS = 60_000

/** Builds the page when web/dist is older than its sources; programs that start together build once. */
export async function buildPage(): Promise<void> {
  // A checkout that may only be read has its page built already.
  if (!(await stale())) return
  await mkdir(path.dirname(LOCK), { recursive: true })
  const deadline = Date.now() + BUILD_MILLISECONDS
  while (!(await take(LOCK))) {
    if (Date.now() > deadline) await rm(LOCK, { recursive: true, force: true })
    await pause(100)
  }
  try {
    if (await stale()) await build()
  } finally {
    await rm(LOCK, { recursive: true, force: true })
  }
}

const take = (lock: string): Promise<boolean> =>
  mkdir(lock).then(
    () => true,
    () => false,
  )

const build = () =>
  promisify(execFile)(
    process.execPath,
    [path.join(REPOSITORY, 'node_modules/vite/bin/vite.js'), 'build', WEB],
    { timeout: BUILD_MILLISECONDS },
  )

async function stale(): Promise<boolean> {
  const built = await changed(path.join(WEB, 'dist/index.html'))
  const sources = [
    ...(await filesBelow(path.join(WEB, 'src'))),
    ...(await filesBelow(path.join(WEB, 'public'))),
    ...(await filesBelow(path.join(REPOSITORY, 'agent-app/contract'))),
    ...(await filesBelow(path.join(REPOSITORY, 'provisioning-api/contract'))),
    path.join(WEB, 'index.html'),
    path.join(WEB, 'vite.config.ts'),
  ]
  const times = await Promise.all(sources.map(changed))
  return times.some((time) => time >= built)
}

const changed = (file: string): Promise<number> =>
  stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
}
