import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { identify, type ProcessId } from '@muster/base/process-id.ts'
import { execa } from 'execa'
import { LineSplitter } from './lines.ts'
import { endFamily } from './process-tree.ts'
import { RunFailure } from './run-failure.ts'

export type PlaybookRun = {
  /** Absolute; its folder is the working directory. */
  playbook: string
  folder: string
  inventory: string
  variables: string
  /** The whole environment of the process: no API key is ever in it. */
  environment: Record<string, string>
}

export type RunHooks = {
  onStart: (process: ProcessId) => void
  onLine: (line: string) => void
  signal: AbortSignal
}

/** What is left of the pipes after the process ended is read for this long: a stray child may hold them. */
const DRAIN_MS = 2000

/** Where a run finds its programs and its user's files. */
export const ansibleEnvironment = (path: string, home: string): Record<string, string> => ({
  PATH: path,
  HOME: home,
  LANG: 'C.UTF-8',
  ANSIBLE_NOCOLOR: '1',
  ANSIBLE_FORCE_COLOR: '0',
  ANSIBLE_RETRY_FILES_ENABLED: '0',
  ANSIBLE_HOST_KEY_CHECKING: '1',
  ANSIBLE_PIPELINING: '1',
  ANSIBLE_STDOUT_CALLBACK: 'default',
})

/**
 * Runs ansible-playbook in a process group of its own; an abort ends the group and its descendants.
 * @returns the exit code, undefined after a signal
 * @throws RunFailure when the program cannot be started, the signal's reason after an abort
 */
export async function runPlaybook(run: PlaybookRun, hooks: RunHooks): Promise<number | undefined> {
  hooks.signal.throwIfAborted()
  // A run shares no SSH connection with another: two networks may hold the same address.
  const sockets = await mkdtemp(path.join(tmpdir(), 'muster-ssh-'))
  try {
    return await runWithSockets(run, hooks, sockets)
  } finally {
    await rm(sockets, { recursive: true, force: true })
  }
}

async function runWithSockets(
  run: PlaybookRun,
  hooks: RunHooks,
  sockets: string,
): Promise<number | undefined> {
  const child = execa(
    'ansible-playbook',
    ['-i', run.inventory, '-e', `@${run.variables}`, run.playbook],
    {
      cwd: run.folder,
      env: { ...run.environment, ANSIBLE_SSH_CONTROL_PATH_DIR: sockets },
      extendEnv: false,
      detached: true,
      cleanup: false,
      stdin: 'ignore',
      buffer: false,
      reject: false,
    },
  )
  const leader = child.pid === undefined ? undefined : identify(child.pid)
  if (leader) await recordStart(leader, hooks.onStart)
  const read = readLines([child.stdout, child.stderr], hooks.onLine)
  const stopped = leader ? endOnAbort(leader, hooks.signal) : undefined
  child.once('exit', () => setTimeout(() => destroy(child.stdout, child.stderr), DRAIN_MS).unref())
  const result = await child
  await read
  await stopped?.()
  hooks.signal.throwIfAborted()
  if (result.exitCode === undefined && result.signal === undefined) throw notStarted(result)
  return result.exitCode
}

/** A run that cannot be recorded could outlive the server unseen, so it does not go on. */
async function recordStart(leader: ProcessId, onStart: RunHooks['onStart']): Promise<void> {
  try {
    onStart(leader)
  } catch (error) {
    await endFamily(leader)
    throw error
  }
}

/** Returns a function that waits for an ending that has begun. */
function endOnAbort(leader: ProcessId, signal: AbortSignal): () => Promise<void> {
  let ending: Promise<void> | undefined
  const onAbort = () => {
    ending = endFamily(leader)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return async () => {
    signal.removeEventListener('abort', onAbort)
    await ending
  }
}

async function readLines(streams: Readable[], onLine: (line: string) => void): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      const splitter = new LineSplitter(onLine)
      try {
        for await (const chunk of stream) splitter.push(chunk)
      } catch {
        // The pipe was torn down after the process had ended.
      }
      splitter.end()
    }),
  )
}

const destroy = (...streams: Readable[]): void => {
  for (const stream of streams) stream.destroy()
}

function notStarted({ cause }: { cause?: unknown }): RunFailure {
  if ((cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
    return new RunFailure(
      'ansible-playbook was not found, or the folder of the playbook is missing. Install Ansible (apt install ansible-core) and check MUSTER_PLAYBOOK, then run again.',
    )
  return new RunFailure(
    `ansible-playbook could not be started: ${cause instanceof Error ? cause.message : 'no cause given'}. Repair that, then run again.`,
  )
}
