import { bootFiles, stateFiles } from '@muster/base/state.ts'
import { readIfThere } from '@muster/cluster/secret-file.ts'
import { refusedIn } from '@muster/pxe/dhcp/events.ts'
import { type Refusal, refusals } from '@muster/pxe/dhcp/firmware.ts'
import { execa } from 'execa'
import { type Check, type Finding, warn } from './finding.ts'

const CHECK = 'refused machine'

/** Machines that asked for network boot and got no answer: their screens can't say why. */
export const checkRefused: Check = async ({ state }) => {
  const own = (await readIfThere(stateFiles(state).log('dnsmasq'))) ?? ''
  return judgeRefused(refusedIn(`${await journal(state)}\n${own}`))
}

export const judgeRefused = (refused: ReadonlyMap<string, Refusal>): Finding[] =>
  [...refused].map(([mac, refusal]) =>
    warn(CHECK, `${mac} got no answer`, `${sentence(refusals[refusal])}.`),
  )

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** What the service of the appliance logged since it was started; empty where there is none. */
async function journal(state: string): Promise<string> {
  if (!(await readIfThere(bootFiles(state).dnsmasqPid))) return ''
  const unit = ['-u', 'muster-dnsmasq', '--since', '-7d', '-o', 'short', '--no-pager', '-q']
  const run = await execa('journalctl', unit, { reject: false, timeout: 20_000 })
  return run.stdout ?? ''
}
