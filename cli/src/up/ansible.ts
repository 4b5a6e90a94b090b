import path from 'node:path'
import { isThere, privateFolder } from '@muster/base/atomic-file.ts'
import { cacheFolder, stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { Skipped } from './progress.ts'

type Options = { state: string; say: (detail: string) => void; signal: AbortSignal }

/** Ansible and the appliance's SSH key, which machines must trust. */
export async function ensureAnsible({ state, say, signal }: Options): Promise<void> {
  if (
    !(await runs('ansible-playbook')) &&
    !(await runs(path.join(cacheFolder(), 'ansible/bin/ansible-playbook')))
  ) {
    await install({ state, say, signal })
  }
  await ensureSshKey(state)
}

const runs = async (command: string): Promise<boolean> =>
  (await execa(command, ['--version'], { reject: false })).exitCode === 0

async function install({ say, signal }: Options): Promise<void> {
  const options = {
    cancelSignal: signal,
    stdin: 'ignore',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  } as const
  if (process.getuid?.() === 0 && (await runs('apt-get'))) {
    say('installing ansible-core')
    await execa('apt-get', ['-qq', 'update'], { ...options, reject: false })
    await execa(
      'apt-get',
      ['-qq', '-y', 'install', '--no-install-recommends', 'ansible-core', 'openssh-client'],
      options,
    )
    return
  }
  say('installing ansible-core in a virtual environment')
  const folder = path.join(cacheFolder(), 'ansible')
  const made = await execa('python3', ['-m', 'venv', folder], { ...options, reject: false })
  if (made.exitCode !== 0)
    throw new Skipped(
      'machines cannot be provisioned yet: install ansible-core and openssh-client, then run up again',
    )
  await execa(path.join(folder, 'bin/pip'), ['install', '--quiet', 'ansible-core==2.19.*'], options)
}

async function ensureSshKey(state: string): Promise<void> {
  const key = stateFiles(state).sshKey
  const present = await isThere(key)
  if (present) return
  await privateFolder(path.dirname(key))
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'muster', '-f', key])
}
