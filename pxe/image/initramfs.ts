import { copyFile, cp, mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { EPOCH } from './bootstrap.ts'
import type { Tools } from './tools.ts'

const LIBRARIES = 'usr/lib/x86_64-linux-gnu'
/** Beside busybox: programs with their place below the tools, and the name they get. */
const PROGRAMS = {
  zstd: 'bin/zstd',
  sfdisk: 'sbin/sfdisk',
  blkid: 'sbin/blkid',
  // Not `nc` and `dd`: busybox's shell would take its own applets. Its dd does not say how many bytes it copied.
  'gnu-dd': 'bin/dd',
  netcat: 'bin/nc.traditional',
}

type Plan = {
  /** Folder of the installed Debian with this one kernel. */
  debian: string
  kernel: string
  /** Names of kernel modules; what they need comes with them. */
  drivers: readonly string[]
  scripts: string
  /** Folder that gets `initrd`. */
  target: string
}

/** Packs the live system's `/`: busybox, a few programs of Debian, drivers, our scripts. */
export async function makeInitramfs(tools: Tools, plan: Plan): Promise<void> {
  const root = path.join(plan.target, 'root')
  for (const folder of ['bin', 'dev', 'lib/muster', 'lib64', 'mnt', 'proc', 'sys', 'tmp'])
    await mkdir(path.join(root, folder), { recursive: true })
  await addBusybox(tools, root)
  for (const [name, place] of Object.entries(PROGRAMS))
    await addProgram(tools, root, { name, place })
  await addDrivers(tools, root, plan)
  await cp(plan.scripts, path.join(root, 'lib/muster'), { recursive: true })
  await symlink('lib/muster/init', path.join(root, 'init'))
  await pack(tools, root, path.join(plan.target, 'initrd'))
  await rm(root, { recursive: true })
}

async function addBusybox(tools: Tools, root: string): Promise<void> {
  const busybox = path.join(tools.root, 'usr/bin/busybox')
  await copyFile(busybox, path.join(root, 'bin/busybox'))
  const { stdout } = await execa(busybox, ['--list'])
  const own = Object.keys(PROGRAMS)
  for (const applet of stdout.split('\n'))
    if (applet !== 'busybox' && !own.includes(applet))
      await symlink('busybox', path.join(root, 'bin', applet))
}

/** A program with its libraries, where the loader looks for them. */
async function addProgram(
  tools: Tools,
  root: string,
  { name, place }: { name: string; place: string },
): Promise<void> {
  const program = path.join(tools.root, 'usr', place)
  await copyFile(program, path.join(root, 'bin', name))
  const folder = path.join(tools.root, LIBRARIES)
  const loader = path.join(folder, 'ld-linux-x86-64.so.2')
  const { stdout } = await execa(loader, ['--library-path', folder, '--list', program])
  for (const [, library = ''] of stdout.matchAll(/^\s*(\S+\.so[.\d]*) => /gm))
    await copyFile(
      path.join(folder, path.basename(library)),
      path.join(root, 'lib', path.basename(library)),
    )
  await copyFile(loader, path.join(root, 'lib64/ld-linux-x86-64.so.2'))
}

async function addDrivers(tools: Tools, root: string, plan: Plan): Promise<void> {
  const source = path.join(plan.debian, 'usr/lib/modules', plan.kernel)
  const target = path.join(root, 'lib/modules', plan.kernel)
  await mkdir(target, { recursive: true })
  const wanted = await filesOf(source, plan.drivers)
  for (const file of wanted) {
    // Unpacked: the whole is compressed better than its parts.
    const module = path.join(target, path.basename(file).replace(/\.xz$/, ''))
    await execa('sh', ['-c', 'xz -dc "$1" >"$2"', 'sh', path.join(source, file), module])
  }
  for (const list of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo'])
    await copyFile(path.join(source, list), path.join(target, list))
  await tools.run('sbin/depmod', ['-b', root, plan.kernel])
  // Busybox reads the texts.
  for (const file of await readdir(target))
    if (file.endsWith('.bin')) await rm(path.join(target, file))
}

/** The files of these modules and of those they need, by `modules.dep`. A module that this kernel has not is an error. */
async function filesOf(folder: string, drivers: readonly string[]): Promise<Set<string>> {
  const lines = (await readFile(path.join(folder, 'modules.dep'), 'utf8')).trim().split('\n')
  const needs = new Map<string, string[]>()
  for (const line of lines) {
    const [file = '', rest = ''] = line.split(':')
    needs.set(nameOf(file), [file, ...rest.split(' ').filter(Boolean)])
  }
  const builtin = new Set(
    (await readFile(path.join(folder, 'modules.builtin'), 'utf8')).trim().split('\n').map(nameOf),
  )
  const files = new Set<string>()
  for (const driver of drivers.map((name) => name.replaceAll('-', '_'))) {
    const found = needs.get(driver)
    if (!found && !builtin.has(driver)) throw new Error(`this kernel has no module ${driver}`)
    for (const file of found ?? []) files.add(file)
  }
  return files
}

const nameOf = (file: string): string =>
  path
    .basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_')

async function pack(tools: Tools, root: string, initrd: string): Promise<void> {
  await execa('chown', ['-hR', '0:0', root])
  await execa('find', [root, '-exec', 'touch', '-h', '-d', `@${EPOCH}`, '{}', '+'])
  const { stdout } = await execa('find', ['.'], { cwd: root })
  const cpio = `${initrd}.cpio`
  await tools.run('bin/cpio', ['--quiet', '-o', '-H', 'newc', '--reproducible', '-F', cpio], {
    cwd: root,
    input: stdout.split('\n').sort().join('\n'),
  })
  await tools.run('bin/zstd', ['-q', '-19', '-T1', '--rm', cpio, '-o', initrd])
}
