import type { ClientKind } from '@muster/pxe/dhcp/question.ts'

const UUID = '4c4c4544004b5a108053b3c04f313232'
/** Options that firmware asks for. */
const FIRMWARE_ASKS = [1, 3, 43, 54, 60, 66, 67, 128, 129, 130]

const firmware = (architecture: number, protocol = 'PXEClient'): ClientKind => ({
  vendorClass: `${protocol}:Arch:${String(architecture).padStart(5, '0')}:UNDI:003016`,
  architecture,
  uuid: UUID,
  asks: FIRMWARE_ASKS,
})

const ipxe = (architecture: number): ClientKind => ({
  ...firmware(architecture),
  userClass: 'iPXE',
  asks: [...FIRMWARE_ASKS, 175],
  ipxe: 'b105018086100eeb03010000',
})

/** Who asks for an address or for boot information in a network of old PCs, a DISCOVER each. */
export const kinds = {
  'BIOS (0)': firmware(0),
  'UEFI x64 (7)': firmware(7),
  'UEFI x64 that calls itself EBC (9)': firmware(9),
  'UEFI x64 over HTTP (16)': firmware(16, 'HTTPClient'),
  'UEFI IA32 (6)': firmware(6),
  'UEFI IA32 over HTTP (15)': firmware(15, 'HTTPClient'),
  'UEFI ARM64 (11)': firmware(11),
  'UEFI ARM64 over HTTP (19)': firmware(19, 'HTTPClient'),
  'firmware of a kind nobody knows (37)': firmware(37),
  'iPXE on BIOS': ipxe(0),
  'iPXE on UEFI x64': ipxe(7),
  'iPXE on UEFI IA32': ipxe(6),
  'laptop (MSFT 5.0)': { vendorClass: 'MSFT 5.0', asks: [1, 3, 6, 15, 31, 33, 43] },
  'Debian installer (d-i)': { vendorClass: 'd-i', asks: [1, 3, 6, 12, 15, 28, 42, 66, 67] },
  'live system (udhcp)': { vendorClass: 'udhcp 1.37.0', asks: [1, 3, 6, 12, 15, 28, 42] },
  'BIOS, UUID of zeros': { ...firmware(0), uuid: '0'.repeat(32) },
  'UEFI x64 without UUID': { ...firmware(7), uuid: undefined },
  'BIOS that asks for no option': { ...firmware(0), asks: [] },
  'UEFI x64 that asks for no option': { ...firmware(7), asks: [] },
  'Raspberry Pi, which calls itself BIOS (0)': firmware(0),
  'BIOS, undionly.kkpxe chosen for it': firmware(0),
  'BIOS, ipxe.pxe chosen for it': firmware(0),
  'UEFI x64, ipxe.efi chosen for it': firmware(7),
} satisfies Record<string, ClientKind>

export type KindName = keyof typeof kinds
