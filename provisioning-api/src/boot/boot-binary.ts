import { MusterError } from '@muster/base/errors.ts'
import { type BootBinary, type BootBinaryRequest, bootBinaries } from '../../contract/boot.ts'
import type { Platform } from '../../contract/machine.ts'

/**
 * The binary that was asked for; null = the default of the firmware.
 * @throws MusterError `boot-binary-unfit` when it is none of this firmware, or the last one was tried
 */
export function chosenBinary(
  asked: BootBinaryRequest['binary'],
  { platform, current }: { platform: Platform | null; current: BootBinary | null },
): BootBinary | null {
  if (asked === null) return null
  const chain: readonly BootBinary[] = bootBinaries[platform ?? 'pcbios']
  if (asked !== 'next') return unlessUnfit(asked, platform, chain)
  const next = chain[current ? chain.indexOf(current) + 1 : 1]
  if (!next) throw new MusterError('boot-binary-unfit', { tried: chain })
  return next
}

function unlessUnfit(
  binary: BootBinary,
  platform: Platform | null,
  chain: readonly BootBinary[],
): BootBinary {
  if (platform && !chain.includes(binary))
    throw new MusterError('boot-binary-unfit', { platform, possible: chain })
  return binary
}

/** Whether firmware gets it without dnsmasq being told. */
export const isDefault = (binary: BootBinary | null): boolean =>
  binary === null || Object.values(bootBinaries).some(([first]) => first === binary)

/** What dnsmasq calls the choice: `bin-undionly-kkpxe`, `bin-default`. */
const tagOf = (binary: BootBinary | null): string =>
  binary === null || isDefault(binary) ? 'bin-default' : `bin-${binary.replaceAll('.', '-')}`

/** Lines for dnsmasq's `dhcp-hostsdir`. */
export const dhcpHostLines = (macs: readonly string[], binary: BootBinary | null): string =>
  macs.map((mac) => `${mac},set:${tagOf(binary)}\n`).join('')
