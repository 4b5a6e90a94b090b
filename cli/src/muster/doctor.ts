import { cacheFolder } from '@muster/base/state.ts'
import { readBootSettings } from '@muster/pxe/dhcp/settings.ts'
import { z } from 'zod'
import { type Command, EXIT, print, readLine } from './command.ts'
import { checkAddress } from './doctor/address.ts'
import { checkArtifacts } from './doctor/artifacts.ts'
import { checkBridge } from './doctor/bridge.ts'
import { checkDhcpServers } from './doctor/dhcp-servers.ts'
import { checkDiskSpace } from './doctor/disk-space.ts'
import { type Check, type Finding, type Scene, warn } from './doctor/finding.ts'
import { checkMirror } from './doctor/mirror.ts'
import { checkMuster } from './doctor/muster-runs.ts'
import { checkPorts } from './doctor/ports.ts'
import { checkReceiveBuffer } from './doctor/receive-buffer.ts'
import { checkRefused } from './doctor/refused.ts'
import { findPlace } from './place.ts'

const usage = `looks for what keeps network boot from working, and says how to mend it
  [--interface NAME | --address IP] [--mode proxy|full] [--json] [--state FOLDER]

  --interface NAME   where the machines are (default: where network boot ran last)
  --address IP       the same by an address of this machine
  --mode MODE        proxy (beside a router's DHCP) or full (default: as it ran last, or proxy)
  --json             one line of JSON: {"findings":[{"check","state","text","fix"}]}

Exit 0 when nothing is bad, 1 when something is. Run it as root, or it can't ask who answers.
`

const CHECKS: Record<string, Check> = {
  Muster: checkMuster,
  address: checkAddress,
  'DHCP servers': checkDhcpServers,
  ports: checkPorts,
  'receive buffer': checkReceiveBuffer,
  bridge: checkBridge,
  'boot files': checkArtifacts,
  mirror: checkMirror,
  'disk space': checkDiskSpace,
  'refused machine': checkRefused,
}

const Options = {
  interface: z.string().optional(),
  address: z.ipv4('takes an IPv4 address of this machine').optional(),
  mode: z.enum(['proxy', 'full'], 'takes proxy or full').optional(),
}

export const doctor: Command = {
  usage,
  async run(argv) {
    const { options, state, json } = readLine(argv, Options)
    const saved = await readBootSettings(state)
    const given = options.interface || options.address ? findPlace(options) : saved
    const boot = given && { ...given, mode: options.mode ?? saved?.mode ?? 'proxy' }
    const signal = new AbortController().signal
    const findings = await examine({ state, cache: cacheFolder(), boot, signal })
    print(json ? JSON.stringify({ findings }) : findings.map(findingText).join('\n'))
    return findings.some((finding) => finding.state === 'bad') ? EXIT.failed : EXIT.ok
  },
}

/** All checks at the same time; findings in the order of the list. */
async function examine(scene: Scene): Promise<Finding[]> {
  const all = Object.entries(CHECKS).map(([name, check]) =>
    check(scene).catch((error: Error) => [
      warn(name, `could not be checked: ${error.message}`, 'Mend that, then run doctor again.'),
    ]),
  )
  return (await Promise.all(all)).flat()
}

const SIGN = { ok: '✓', warn: '!', bad: '✗' } as const

const findingText = ({ state, check, text, fix }: Finding): string =>
  `  ${SIGN[state]} ${check}: ${text}${fix ? `\n      ${fix}` : ''}`
