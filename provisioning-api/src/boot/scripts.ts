import path from 'node:path'
import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import nunjucks from 'nunjucks'
import { ipxeText, ipxeWord } from './ipxe-text.ts'

const FOLDER = path.resolve(import.meta.dirname, '../../../pxe/boot-scripts')
const templates = new nunjucks.Environment(new nunjucks.FileSystemLoader(FOLDER), {
  autoescape: false,
  throwOnUndefined: true,
  trimBlocks: true,
})

/** Who is asked: `http://10.0.0.2:8001`, and whether the asking script waits itself. */
type Asking = { base: string; poll: boolean }
type Named = Asking & { name: string }
type Linux = Named & { manifest: BootManifest }

const render = (file: string, values: object): string => templates.render(file, values)

/** `GET /boot.ipxe`. */
export const firstScript = (base: string): string => render('boot.ipxe', { base: ipxeWord(base) })

export const waitScript = ({ name, mac, poll }: Named & { mac: string }): string =>
  render('wait.ipxe', { name: ipxeWord(name), mac: ipxeWord(mac), poll })

export const localScript = ({ name, poll }: Omit<Named, 'base'>): string =>
  render('local.ipxe', { name: ipxeText(name), poll })

export const refuseScript = ({ name, reason, poll }: Omit<Named, 'base'> & { reason: string }) =>
  render('refuse.ipxe', { name: ipxeText(name), reason: ipxeText(reason), poll })

/** Kernel output goes to the screen and to a serial line, where there is one. */
const CONSOLES = ['console=tty0', 'console=ttyS0,115200n8']
/** UEFI kernels look for it by this name, the one of `installerCommandLine`, too. */
const INITRD = 'initrd=initrd.gz'

/** The live system that looks at the machine and, in image mode, writes its disk. */
export function liveScript({ manifest, grant, ...asking }: Linux & { grant: string }): string {
  if (!manifest.live) throw new Error('no live system was built')
  const words = [INITRD, `muster=${asking.base}`, `grant=${grant}`, ...CONSOLES, 'quiet']
  return linux(asking, { what: 'the live system', files: manifest.live, words })
}

/** The Debian installer. `words` is its command line. */
export function installerScript({ manifest, words, ...asking }: Linux & { words: string[] }) {
  if (!manifest.installer) throw new Error('no installer was built')
  return linux(asking, { what: 'the Debian installer', files: manifest.installer, words })
}

type Files = { kernel: { file: string }; initrd: { file: string } }

function linux(
  { base, name, poll }: Named,
  { what, files, words }: { what: string; files: Files; words: string[] },
): string {
  const url = ({ file }: { file: string }) => ipxeWord(`${base}/boot/files/${file}`)
  return render('linux.ipxe', {
    name: ipxeWord(name),
    what,
    kernel: url(files.kernel),
    initrd: url(files.initrd),
    arguments: words.map(ipxeWord).join(' '),
    poll,
  })
}
