import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'

export type Suite = {
  suite: string
  folder: string
  signal: AbortSignal
  /** `main` unless told; the Debian installer's own are in `main/debian-installer`. */
  components?: string
  /** Whether its security updates are taken too, where this machine takes its own. */
  security?: boolean
}

/**
 * Downloads Debian packages of another suite without touching the machine's own apt, and without root.
 * The mirror and the keyring are those of the machine; apt checks the signature of the suite.
 * @returns the .deb files, absolute
 */
export async function downloadPackages(names: readonly string[], suite: Suite): Promise<string[]> {
  const apt = await privateApt(suite)
  await apt('apt-get', ['update'])
  const packages = path.join(suite.folder, 'packages')
  await mkdir(packages, { recursive: true })
  await apt('apt-get', ['download', ...names], packages)
  return (await readdir(packages))
    .filter((file) => file.endsWith('.deb'))
    .map((file) => path.join(packages, file))
}

/** Runs apt with a root of its own; resolves with what it printed. */
export type Apt = (
  command: 'apt-get' | 'apt-cache',
  args: readonly string[],
  cwd?: string,
) => Promise<string>

/** apt for another suite: nothing is installed for it, so that whole closures are resolved. Its files are in `folder`/apt. */
export async function privateApt(suite: Suite): Promise<Apt> {
  const { folder, signal } = suite
  const at = (...parts: string[]) => path.join(folder, 'apt', ...parts)
  await mkdir(at('lists/partial'), { recursive: true })
  await mkdir(at('cache/archives/partial'), { recursive: true })
  await writeFile(at('status'), '')
  await writeFile(at('sources.list'), await sources(suite))
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
  return async (command, args, cwd = folder) =>
    (await execa(command, ['-qq', ...flags, ...args], { cwd, cancelSignal: signal })).stdout
}

async function sources({ suite, components = 'main', security }: Suite): Promise<string> {
  const lines = [`deb [signed-by=${KEYRING}] ${await mirror()} ${suite} ${components}`]
  const updates = security && (await securityMirror())
  if (updates) lines.push(`deb [signed-by=${KEYRING}] ${updates} ${suite}-security main`)
  return `${lines.join('\n')}\n`
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** The Debian mirror this machine is set to use. @throws Error where the machine has none */
export async function mirror(): Promise<string> {
  if (process.env.MUSTER_DEBIAN_MIRROR) return process.env.MUSTER_DEBIAN_MIRROR
  const own = await ownMirror('')
  if (own) return own
  throw new Error(
    'this machine has no Debian mirror in its apt settings; set MUSTER_DEBIAN_MIRROR to one',
  )
}

/** Where this machine takes its security updates from; undefined where it takes none. */
const securityMirror = (): Promise<string | undefined> => ownMirror('-security')

async function ownMirror(archive: '' | '-security'): Promise<string | undefined> {
  const codename = (await execa('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"']))
    .stdout
  const targets = await execa('apt-get', ['indextargets', '--format', '$(RELEASE) $(REPO_URI)'], {
    reject: false,
  })
  const start = `${codename}${archive} `
  const line = targets.stdout?.split('\n').find((target) => target.startsWith(start))
  return line?.slice(start.length).trim()
}
