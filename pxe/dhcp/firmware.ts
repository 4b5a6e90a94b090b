/** Why firmware gets no answer, and what a person can do. */
export const refusals = {
  'ia32-uefi':
    'its UEFI firmware is 32-bit, for which there is nothing to boot. Set it to legacy BIOS (CSM) boot; where it has no such setting, Muster cannot use it',
  arm: 'it is an ARM computer; Muster installs PCs with x86-64 processors only',
  'raspberry-pi':
    'it is a Raspberry Pi, which calls itself a PC; Muster installs PCs with x86-64 processors only',
  firmware: 'its firmware is of a kind that Muster has nothing to boot for',
} as const
export type Refusal = keyof typeof refusals

/** What firmware is, by its architecture (IANA's list of option 93). */
export type Firmware = { name: string; refusal?: Refusal }

const FIRMWARE: Record<number, Firmware> = {
  0: { name: 'BIOS' },
  6: { name: '32-bit UEFI', refusal: 'ia32-uefi' },
  7: { name: 'UEFI' },
  9: { name: 'UEFI' },
  10: { name: '32-bit ARM UEFI', refusal: 'arm' },
  11: { name: 'ARM UEFI', refusal: 'arm' },
  15: { name: '32-bit UEFI over HTTP', refusal: 'ia32-uefi' },
  16: { name: 'UEFI over HTTP' },
  18: { name: '32-bit ARM UEFI over HTTP', refusal: 'arm' },
  19: { name: 'ARM UEFI over HTTP', refusal: 'arm' },
}

export const firmwareOf = (architecture: number): Firmware =>
  FIRMWARE[architecture] ?? {
    name: `firmware of architecture ${architecture}`,
    refusal: 'firmware',
  }
