import { type HeardServer, probeSegment } from '@muster/pxe/dhcp/probe.ts'
import type { BootSettings } from '@muster/pxe/dhcp/settings.ts'
import { bad, type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'DHCP servers'

/** Who else answers machines that boot from the network. */
export const checkDhcpServers: Check = async ({ boot, signal }) => {
  if (!boot) return [NO_PLACE]
  if (process.getuid?.() !== 0)
    return [warn(CHECK, 'not looked for: that needs root', 'Run it again with sudo.')]
  return judgeServers(boot, await probeSegment(boot.address, { signal }))
}

const NO_PLACE = warn(
  CHECK,
  'not looked for: network boot never ran here',
  'Name the interface of the machines with --interface.',
)

/** Judges who answered on the segment of `boot.address`. */
export function judgeServers(
  boot: BootSettings,
  heard: readonly HeardServer[],
): [Finding, ...Finding[]] {
  const others = heard.filter(({ address }) => address !== boot.address)
  const givers = others.filter(({ gives }) => gives)
  const findings = [...judgeBooters(others), ...judgeGivers(boot, givers)]
  const [first, ...rest] = findings
  if (first) return [first, ...rest]
  return [ok(CHECK, boot.mode === 'full' ? 'no other server answers' : 'only the router answers')]
}

function judgeBooters(others: readonly HeardServer[]): Finding[] {
  return others
    .filter(({ boots }) => boots)
    .map(({ address, gives }) =>
      bad(
        CHECK,
        `${address} tells machines to boot from it, too`,
        gives
          ? 'Take its boot options away (next server, options 66 and 67).'
          : 'Stop that proxy DHCP server, or move the machines to a network without it.',
      ),
    )
}

function judgeGivers(boot: BootSettings, givers: readonly HeardServer[]): Finding[] {
  const names = givers.map(({ address }) => address).join(' and ')
  if (boot.mode === 'full') {
    if (givers.length === 0) return []
    const fix = `Use --mode proxy beside it, or switch off DHCP on ${names}.`
    return [bad(CHECK, `${names} gives addresses in this network, too`, fix)]
  }
  if (givers.length === 1) return []
  if (givers.length === 0) {
    const fix = 'Plug in the router, or use --mode full in a network of its own.'
    return [bad(CHECK, 'nobody gives addresses in this network', fix)]
  }
  const fix = 'Switch off DHCP on all but one: machines take the address of either.'
  return [warn(CHECK, `${names} give addresses in the same network`, fix)]
}
