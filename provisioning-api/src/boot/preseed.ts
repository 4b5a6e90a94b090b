import { readFileSync } from 'node:fs'
import path from 'node:path'
import nunjucks from 'nunjucks'
import { z } from 'zod'
import { GrantToken } from '../../contract/boot.ts'
import { DiskId, Firmware } from '../../contract/hardware.ts'
import { MachineName } from '../../contract/machine.ts'
import { lintPreseed } from './preseed-lint.ts'

const PXE = path.resolve(import.meta.dirname, '../../../pxe')
const templates = new nunjucks.Environment(
  new nunjucks.FileSystemLoader(path.join(PXE, 'preseed')),
  { autoescape: false, throwOnUndefined: true },
)

const Label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'

/** What one installation by the Debian installer depends on. Everything ends up in shell and preseed text. */
export const InstallerValues = z.object({
  /** The provisioning API as the machine reaches it, without a slash at the end. */
  base: z
    .string()
    .regex(
      /^http:\/\/(?:[a-z0-9]|[a-z0-9][a-z0-9.-]*[a-z0-9])(:\d{1,5})?$/,
      'expected http://HOST:PORT',
    ),
  grant: GrantToken,
  hostname: MachineName,
  domain: z
    .string()
    .regex(new RegExp(`^${Label}(\\.${Label})*$`))
    .max(200)
    .default('internal'),
  disk: DiskId,
  firmware: Firmware,
  /** Code name of the release, as the manifest has it. */
  suite: z.string().regex(/^[a-z]{1,30}$/),
  /** `virtual`: a machine in a hypervisor, which needs few drivers and talks on its serial port. */
  hardware: z.enum(['physical', 'virtual']).default('physical'),
  /** Seconds since 1970; the machine's clock is put forward to it. */
  now: z.int().positive(),
  /** UDP port of the appliance that takes the installer's log; 0 = none. */
  logPort: z.int().min(0).max(65535).default(0),
})
export type InstallerValues = z.input<typeof InstallerValues>

/** What Ansible needs on the other side, and what a server has. */
const SYSTEM = [
  ...['ca-certificates', 'curl', 'dhcpcd-base', 'ifupdown', 'initramfs-tools', 'iproute2'],
  ...['netbase', 'openssh-server', 'python3', 'python3-apt', 'zstd'],
]
/** What the installer would install one by one later, each with a run of apt, some with another initramfs. */
const EARLY = ['busybox', 'grub2-common', 'locales', 'pciutils']
const BOOT_LOADER = { bios: 'grub-pc-bin', uefi: 'grub-efi-amd64-bin' }

/** Sizes in MB: least, wanted, most. GRUB starts from a gap of its own on BIOS, from the ESP on UEFI. */
const BOOT_PARTITION = {
  bios: '1 1 1 free method{ biosgrub } .',
  uefi: '256 256 256 fat32 method{ efi } format{ } .',
}
const ROOT_PARTITION =
  '1500 10000 -1 ext4 method{ format } format{ } use_filesystem{ } filesystem{ ext4 } options/noatime{ noatime } mountpoint{ / } .'

const PROFILES = {
  physical: { kernel: 'linux-image-amd64', drivers: 'most' },
  virtual: { kernel: 'linux-image-cloud-amd64', drivers: 'dep' },
}

/**
 * The preseed file of one installation.
 * @throws ZodError for a value that could say something else in it; Error when it does not pass its own lint
 */
export function renderPreseed(values: InstallerValues): string {
  const { firmware, hardware, ...rest } = InstallerValues.parse(values)
  const text = templates.render('preseed.cfg.j2', {
    ...rest,
    ...PROFILES[hardware],
    mirror: rest.base.slice('http://'.length),
    recipe: `${BOOT_PARTITION[firmware]} ${ROOT_PARTITION}`,
    packages: [...SYSTEM, ...EARLY, BOOT_LOADER[firmware]].join(','),
  })
  const problems = lintPreseed(text)
  if (problems.length > 0)
    throw new Error(`the preseed would stop or misdirect an installation: ${problems.join('; ')}`)
  return text
}

/** The shell text that finds and empties the approved disk. @throws ZodError */
export const renderPartman = (values: InstallerValues): string =>
  templates.render('partman.sh.j2', {
    ...InstallerValues.parse(values),
    diskId: readFileSync(path.join(PXE, 'live/disk-id.sh'), 'utf8').trimEnd(),
  })

/** The shell text that gives the installed system its identity. @throws ZodError */
export const renderLate = (values: InstallerValues): string =>
  templates.render('late.sh.j2', InstallerValues.parse(values))

/**
 * Words of the installer's kernel command line, at most 24: beyond 32 with the installer's own the kernel stops.
 * The preseed comes by the network, so what the network questions need stands here. @throws ZodError
 */
export function installerCommandLine(values: InstallerValues): string[] {
  const { base, grant, hostname, domain, hardware, logPort } = InstallerValues.parse(values)
  const console = 'console=ttyS0,115200n8'
  const serial = hardware === 'virtual'
  return [
    'initrd=initrd.gz',
    'auto=true',
    'priority=critical',
    'interface=auto',
    'netcfg/dhcp_timeout=60',
    'netcfg/link_wait_timeout=10',
    `hostname=${hostname}`,
    `netcfg/hostname=${hostname}`,
    `domain=${domain}`,
    `url=${base}/boot/preseed/${grant}`,
    'locale=C.UTF-8',
    'language=en',
    'country=US',
    'keymap=us',
    ...(logPort ? [`log_host=${new URL(base).hostname}`, `log_port=${logPort}`] : []),
    // GRUB of the installed system talks where the last console is: to a serial port only where one is sure to be.
    ...(serial ? ['DEBIAN_FRONTEND=text', 'TERM=dumb', console] : []),
    // What follows goes to the installed system too.
    ...(serial ? ['---', console] : []),
  ]
}

/** Whether a machine's firmware says that it is a hypervisor's. */
export const hardwareOf = (product: { vendor: string; name: string }): 'physical' | 'virtual' =>
  /qemu|kvm|virtualbox|vmware|bochs|xen\b|hyper-v|virtual machine/i.test(
    `${product.vendor} ${product.name}`,
  )
    ? 'virtual'
    : 'physical'
