import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { execa } from 'execa'
import { addDrivers } from './add-drivers.ts'
import { formatStanzas, parseStanzas, type Stanza } from './deb822.ts'
import { mergedStatus, unmetDependencies, withoutTranslations } from './installer-status.ts'

const HERE = import.meta.dirname
const OWN_FILES = path.join(HERE, 'root')
const PROGRAMS = ['badblocks', 'e2fsck', 'mke2fs', 'resize2fs', 'tune2fs']
/** Scripts and data of a part of the installer that its menu reads. */
const CONTROL_FILES = ['isinstallable', 'menutest', 'postinst', 'templates']
const MERGED = ['bin', 'lib', 'lib64', 'sbin']

export type Parts = {
  /** Debian's own first root, a compressed cpio archive. */
  netboot: string
  udebs: readonly string[]
  fileSystemTools: readonly string[]
  /** The package of the same kernel. */
  kernel: string
  suiteKey: Uint8Array
}

/**
 * The installer's first root with every part in it: Debian's archive, and a second one that the kernel unpacks over it.
 * So nothing is fetched before the packages of the system itself, and no mirror must have the installer's parts.
 * @param work an empty folder
 */
export async function writeFirstRoot(target: string, parts: Parts, work: string): Promise<void> {
  const root = path.join(work, 'root')
  for (const folder of MERGED) {
    // The links of a merged /usr come first: packages write through them.
    await mkdir(path.join(root, 'usr', folder), { recursive: true })
    await symlink(`usr/${folder}`, path.join(root, folder))
  }
  const netboot = await unpackNetboot(parts.netboot, path.join(work, 'netboot'))
  await addUdebs(root, { netboot, udebs: parts.udebs })
  await addFileSystemTools(root, parts.fileSystemTools, path.join(work, 'tools'))
  await addDrivers(root, { netboot, kernel: parts.kernel, work: path.join(work, 'kernel') })
  await addOwnFiles(root, parts.suiteKey)
  await execa('sh', ['-c', PACK, 'sh', parts.netboot, target], { cwd: root })
}

/** The links stay out: they are in the first archive. */
const PACK = `cp "$1" "$2"
find . -mindepth 1 ! '(' -type l ! -path './*/*' ')' | LC_ALL=C sort |
  cpio --quiet --create --format=newc --owner=0:0 --reproducible | gzip -n >> "$2"`

/** What is read of the first archive: its list of parts, their templates, its drivers. */
async function unpackNetboot(archive: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  const patterns = ['var/lib/dpkg/*', 'usr/lib/modules/*'].map((pattern) => `'${pattern}'`)
  const command = `gzip -dc "$1" | cpio --quiet -id --no-absolute-filenames ${patterns.join(' ')}`
  await execa('sh', ['-c', command, 'sh', archive], { cwd: folder })
  return folder
}

type Udebs = { netboot: string; udebs: readonly string[] }

async function addUdebs(root: string, { netboot, udebs }: Udebs): Promise<void> {
  const info = path.join(root, 'var/lib/dpkg/info')
  await cp(path.join(netboot, 'var/lib/dpkg/info'), info, {
    recursive: true,
    filter: (name) => path.extname(name) === '' || name.endsWith('.templates'),
  })
  const stanzas: Stanza[] = []
  for (const udeb of udebs) stanzas.push(await addUdeb(root, udeb))
  for (const file of await readdir(info))
    if (file.endsWith('.templates')) await rewrite(path.join(info, file))
  const before = await readFile(path.join(netboot, 'var/lib/dpkg/status'), 'utf8')
  const status = mergedStatus(before, stanzas)
  const unmet = unmetDependencies(status)
  if (unmet.length > 0)
    throw new Error(
      `the installer of this Debian release needs other parts: ${unmet.join('; ')}. Add them to pxe/installer/packages.ts.`,
    )
  await writeFile(path.join(root, 'var/lib/dpkg/status'), formatStanzas(status))
}

async function addUdeb(root: string, udeb: string): Promise<Stanza> {
  const control = `${root}.control`
  // `dpkg-deb -x` would put a folder in place of a link.
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"'
  await execa('sh', ['-c', unpack, 'sh', udeb, root])
  await execa('dpkg-deb', ['-e', udeb, control])
  const [stanza] = parseStanzas(await readFile(path.join(control, 'control'), 'utf8'))
  const info = path.join(root, 'var/lib/dpkg/info', stanza!.get('Package')!)
  for (const name of CONTROL_FILES)
    if (await isThere(path.join(control, name)))
      await cp(path.join(control, name), `${info}.${name}`)
  await rm(control, { recursive: true })
  return stanza!
}

async function rewrite(templates: string): Promise<void> {
  const text = await readFile(templates, 'utf8')
  await writeFile(templates, formatStanzas(withoutTranslations(text)))
}

async function addFileSystemTools(
  root: string,
  debs: readonly string[],
  work: string,
): Promise<void> {
  await mkdir(work, { recursive: true })
  for (const deb of debs) await execa('dpkg-deb', ['-x', deb, work])
  const script = `
    for program in ${PROGRAMS.join(' ')}; do cp -a usr/sbin/$program "$1/usr/sbin/"; done
    for kind in 2 3 4; do ln -s mke2fs "$1/usr/sbin/mkfs.ext$kind"; ln -s e2fsck "$1/usr/sbin/fsck.ext$kind"; done
    mkdir -p "$1/usr/lib/x86_64-linux-gnu" "$1/etc"
    cp -a usr/lib/x86_64-linux-gnu/lib*.so.* "$1/usr/lib/x86_64-linux-gnu/"
    cp -a etc/mke2fs.conf "$1/etc/"`
  await execa('sh', ['-e', '-c', script, 'sh', root], { cwd: work })
}

async function addOwnFiles(root: string, suiteKey: Uint8Array): Promise<void> {
  // Through their real folders: a copy of `lib` would meet the link.
  await cp(OWN_FILES, root, { recursive: true })
  const keyrings = path.join(root, 'usr/share/keyrings')
  await mkdir(keyrings, { recursive: true })
  // debootstrap trusts this keyring: with ours alone only the appliance's packages are installed.
  await writeFile(path.join(keyrings, 'archive.gpg'), suiteKey)
}
