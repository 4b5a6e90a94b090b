import path from 'node:path'

/** How QEMU attaches a disk, and with it the driver and the name that the guest gives it. */
export type DiskModel = 'virtio' | 'sata' | 'ide' | 'nvme' | 'scsi' | 'usb'
export type VmDisk = {
  bytes: number
  /** `virtio` unless told. */
  model?: DiskModel
  /** At most 20 characters; `''` = a disk that has none. `DISK<n>` unless told. */
  serial?: string
}
export type BootOrder = 'network' | 'disk'

export type VmPlan = {
  name: string
  /** Folder in which it gets a folder of its own. */
  folder: string
  firmware: 'bios' | 'uefi'
  disks: readonly VmDisk[]
  /** Name of a network of `makeNetwork`; without one QEMU's own network: 10.0.2.2 is this host's loopback. */
  network?: string
  /** Fixed, and unique in its network. */
  mac?: string
  /** QEMU's name of a network card: `virtio-net-pci` unless told, or `e1000`, `e1000e`, `rtl8139`, ... */
  nic?: string
  cores?: number
  /** MiB. */
  memory?: number
  /** What the firmware tries first; `network` unless told. */
  boot?: BootOrder
  /** Boots this kernel at once, without firmware and boot loader. */
  direct?: { kernel: string; initrd: string; parameters: string }
  /** A reset by the guest ends QEMU, as one needs with `direct`. */
  endOnReset?: boolean
}

export const DEFAULT_MAC = '52:54:00:77:00:01'
const OVMF_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd'

/** The tap of a machine, named by its card: the names of interfaces are short. */
export const tapName = ({ mac = DEFAULT_MAC }: VmPlan): string =>
  `tap${mac.replaceAll(':', '').slice(-8)}`

/** QEMU's arguments for this machine; the files are in its folder. */
export function qemuArguments(plan: VmPlan, folder: string, accelerator: string): string[] {
  const { cores = 2, memory = 1536, name } = plan
  return [
    ...['-name', name, '-machine', 'q35', '-accel', accelerator, '-cpu', 'max'],
    ...['-smp', String(cores), '-m', String(memory)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio'],
    // OVMF does not boot from the network without random numbers.
    ...['-device', 'virtio-rng-pci'],
    ...['-qmp', `unix:${path.join(folder, 'qmp')},server=on,wait=off`],
    ...firmware(plan, folder),
    ...plan.disks.flatMap((disk, index) => diskArguments(plan, disk, { index, folder })),
    ...network(plan),
    ...direct(plan),
    ...(plan.endOnReset ? ['-no-reboot'] : []),
  ]
}

function firmware({ firmware }: VmPlan, folder: string): string[] {
  if (firmware === 'bios') return []
  const flash = 'if=pflash,format=raw'
  const variables = path.join(folder, 'firmware-variables')
  return [
    ...['-drive', `${flash},readonly=on,file=${OVMF_CODE}`],
    ...['-drive', `${flash},file=${variables}`],
  ]
}

/** What the disk is plugged into, and the disk. Controllers that q35 has not are added. */
const MODELS: Record<DiskModel, (index: number) => { device: string; controller?: string }> = {
  virtio: () => ({ device: 'virtio-blk-pci' }),
  sata: (index) => ({ device: `ide-hd,bus=ide.${index}` }),
  ide: (index) => ({
    device: `ide-hd,bus=piix${index}.0`,
    controller: `piix3-ide,id=piix${index}`,
  }),
  nvme: () => ({ device: 'nvme' }),
  scsi: (index) => ({
    device: `scsi-hd,bus=scsi${index}.0`,
    controller: `virtio-scsi-pci,id=scsi${index}`,
  }),
  usb: (index) => ({
    device: `usb-storage,bus=usb${index}.0`,
    controller: `qemu-xhci,id=usb${index}`,
  }),
}

function diskArguments(
  plan: VmPlan,
  { model = 'virtio', serial }: VmDisk,
  { index, folder }: { index: number; folder: string },
): string[] {
  const { device, controller } = MODELS[model](index)
  const file = path.join(folder, `disk${index}.raw`)
  const name = serial ?? `DISK${index}`
  const order = (plan.boot === 'disk' ? 1 : 2) + 2 * index
  return [
    ...(controller ? ['-device', controller] : []),
    '-drive',
    `if=none,id=disk${index},format=raw,cache=unsafe,discard=unmap,file=${file}`,
    '-device',
    `${device},drive=disk${index},bootindex=${order}${name ? `,serial=${name}` : ''}`,
  ]
}

function network(plan: VmPlan): string[] {
  const { nic = 'virtio-net-pci', mac = DEFAULT_MAC, boot, firmware } = plan
  const backend = plan.network
    ? `tap,id=net0,ifname=${tapName(plan)},script=no,downscript=no`
    : 'user,id=net0'
  // Without a ROM of its own the firmware's PXE runs, as on a real UEFI machine; the ROM is iPXE already.
  const rom = firmware === 'uefi' ? ',romfile=' : ''
  const order = boot === 'disk' ? 2 : 1
  return ['-netdev', backend, '-device', `${nic},netdev=net0,mac=${mac},bootindex=${order}${rom}`]
}

function direct({ direct }: VmPlan): string[] {
  if (!direct) return []
  const { kernel, initrd, parameters } = direct
  return ['-kernel', kernel, '-initrd', initrd, '-append', parameters]
}
