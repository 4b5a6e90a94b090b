/** The release that is installed. */
export const SUITE = 'trixie'
/** The Debian package with the installer's kernel and first root. */
export const NETBOOT = 'debian-installer-13-netboot-amd64'

/**
 * Parts of the installer that its first root has not. Without LVM, RAID, encryption, CDs and other file systems: the
 * approved disk becomes one ext4 root, and no other disk is looked into.
 */
export const UDEBS = [
  'apt-mirror-setup',
  'apt-setup-udeb',
  'base-installer',
  'bootstrap-base',
  'clock-setup',
  'debootstrap-udeb',
  'di-utils-mapdevfs',
  'disk-detect',
  'dmidecode-udeb',
  'dosfstools-udeb',
  'finish-install',
  'grub-installer',
  'libdevmapper1.02.1-udeb',
  'libparted-fs-resize0-udeb',
  'libparted2-udeb',
  'partman-auto',
  'partman-base',
  'partman-basicfilesystems',
  'partman-basicmethods',
  'partman-efi',
  'partman-ext3',
  'partman-partitioning',
  'partman-target',
  'partman-utils',
  'pkgsel',
  'tzsetup-udeb',
  'user-setup-udeb',
] as const

/** Packages whose programs stand in for e2fsprogs-udeb. */
export const FILE_SYSTEM_TOOLS = ['e2fsprogs', 'libext2fs2t64', 'libcom-err2', 'libss2'] as const

/** What the parts above ask for and either get otherwise (modules, file system tools) or do not need. */
export const PROVIDED = [
  'cdrom-core-modules',
  'e2fsprogs-udeb',
  'ext2-modules',
  'ext3-modules',
  'ext4-modules',
  'ntfs-3g-udeb',
  'os-prober',
  'rdate-udeb',
] as const

const BASE = '?or(?priority(required),?priority(important))'
const SYSTEM = [
  ...['apt-utils', 'busybox', 'ca-certificates', 'console-setup', 'curl', 'dbus', 'debconf-i18n'],
  ...['dhcpcd-base', 'discover', 'efibootmgr', 'eject', 'ifupdown', 'initramfs-tools'],
  ...['installation-report', 'iproute2', 'keyboard-configuration', 'laptop-detect'],
  ...['libpam-systemd', 'locales', 'netbase', 'openssh-server', 'pciutils', 'python3'],
  ...['python3-apt', 'systemd-sysv', 'systemd-timesyncd', 'usbutils', 'zstd'],
]

/**
 * What an installation may ask the suite for. Two lists, because the boot loaders of the two kinds of firmware
 * exclude each other.
 */
export const CLOSURES = [
  [BASE, ...SYSTEM, 'linux-image-amd64', 'linux-image-cloud-amd64', 'grub-pc'],
  [BASE, 'grub-efi-amd64', 'grub-efi-amd64-signed', 'shim-signed'],
] as const
