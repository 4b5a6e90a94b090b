import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'

type Suite = { suite: string; folder: string; signal: AbortSignal }

/**
 * Downloads Debian packages of another suite without touching the machine's own apt, and without root.
 * The mirror and the keyring are those of the machine; apt checks the signature of the suite.
 * @returns the .deb files, absolute
 */
export async function downloadPackages(
  names: readonly string[],
  { suite, folder, signal }: Suite,
): Promise<string[]> {
  const apt = await privateApt({ suite, folder, signal })
  await apt('apt-get', ['update'])
  const packages = path.join(folder, 'packages')
  await mkdir(packages, { recursive: true })
  await apt('apt-get', ['download', ...names], packages)
  return (await readdir(packages))
    .filter((file) => file.endsWith('.deb'))
    .map((file) => path.join(packages, file))
}

type Apt = (command: 'apt-get', args: string[], cwd?: string) => Promise<unknown>

async function privateApt({ suite, folder, signal }: Suite): Promise<Apt> {
  const at = (...parts: string[]) => path.join(folder, 'apt', ...parts)
  await mkdir(at('lists/partial'), { recursive: true })
  await mkdir(at('cache/archives/partial'), { recursive: true })
  await writeFile(at('status'), '')
  await writeFile(
    at('sources.list'),
    `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main\n`,
  )
  const options = {
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::Lists': at('lists'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  }
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return (command, args, cwd = folder) =>
    execa(command, ['-qq', ...flags, ...args], { cwd, cancelSignal: signal })
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The Debian mirror this machine is set to use. @throws Error where the machine has none */
export async function mirror(): Promise<string> {
  if (process.env.MUSTER_DEBIAN_MIRROR) return process.env.MUSTER_DEBIAN_MIRROR
  const codename = (await execa('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"']))
    .stdout
  const targets = await execa('apt-get', ['indextargets', '--format', '$(RELEASE) $(REPO_URI)'], {
    reject: false,
  })
  const line = targets.stdout?.split('\n').find((target) => target.startsWith(`${codename} `))
  if (line) return line.slice(codename.length + 1).trim()
  throw new Error(
    'this machine has no Debian mirror in its apt settings; set MUSTER_DEBIAN_MIRROR to one',
  )
}
