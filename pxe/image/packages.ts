/** Debian packages of a machine; what they need comes with them. */
export const ROOT_PACKAGES = [
  'linux-image-amd64',
  'initramfs-tools',
  'zstd',
  'systemd-sysv',
  'systemd-resolved',
  'systemd-timesyncd',
  'dbus',
  'udev',
  'kmod',
  'e2fsprogs',
  'iproute2',
  'iputils-ping',
  'netbase',
  'openssh-server',
  'curl',
  'ca-certificates',
  'procps',
  // what Ansible needs on the other side
  'python3',
  'python3-apt',
]

/** Debian packages whose programs build: this machine's own may be too old, or not there. */
export const TOOL_PACKAGES = [
  'cpio',
  'dosfstools',
  'e2fsprogs',
  'fdisk',
  'grub-common',
  'grub-efi-amd64-bin',
  'grub-pc-bin',
  'kmod',
  'libarchive13t64',
  'mtools',
  'tar',
  'zstd',
  // programs of the live system
  'busybox-static',
  'coreutils',
  'netcat-traditional',
  'util-linux',
]
