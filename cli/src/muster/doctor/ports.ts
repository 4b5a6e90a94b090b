import { readFile } from 'node:fs/promises'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { portFrom } from '../../up/ports.ts'
import { bad, type Check, type Finding, ok } from './finding.ts'

const CHECK = 'ports'

/** A program that listens. `device` is the one interface it listens on, else undefined. */
export type Listener = {
  port: number
  address: string
  device: string | undefined
  program: string
  pid: number
}

/** A port of network boot and the processes of ours that may hold it. */
type Wanted = { port: number; what: string; ours: readonly number[] }

/** Whether the ports of network boot are free or ours. */
export const checkPorts: Check = async ({ state, boot }) => {
  const dnsmasq = await pidsIn(bootFiles(state).dnsmasqPid, stateFiles(state).pid('dnsmasq'))
  const api = await pidsIn(stateFiles(state).pid('provisioning-api'))
  const wanted: Wanted[] = [
    { port: 67, what: 'DHCP', ours: dnsmasq },
    ...(boot?.mode === 'full' ? [] : [{ port: 4011, what: 'proxy DHCP', ours: dnsmasq }]),
    { port: 69, what: 'TFTP', ours: dnsmasq },
    { port: portFrom('MUSTER_PROVISIONING_PORT', 8001), what: 'provisioning API', ours: api },
  ]
  return judgePorts(wanted, await listeners(), boot)
}

/** @param place where network boot listens; undefined = anywhere */
export function judgePorts(
  wanted: readonly Wanted[],
  listening: readonly Listener[],
  place?: { interface: string; address: string },
): Finding[] {
  const findings = wanted.flatMap(({ port, what, ours }) =>
    listening
      .filter((listener) => listener.port === port && !ours.includes(listener.pid))
      .filter((listener) => !place || isInTheWay(listener, place))
      .map(({ program, pid }) =>
        bad(
          CHECK,
          `port ${port} (${what}) is taken by ${program || 'another program'}${pid ? ` (pid ${pid})` : ''}`,
          `Stop it: sudo ss -lnp 'sport = :${port}' shows it.`,
        ),
      ),
  )
  if (findings.length > 0) return findings
  return [ok(CHECK, `${wanted.map(({ port }) => port).join(', ')} are free or ours`)]
}

const isInTheWay = (
  { address, device }: Listener,
  place: { interface: string; address: string },
): boolean =>
  device === undefined
    ? ['0.0.0.0', '*', '[::]', place.address].includes(address)
    : device === place.interface

/** All UDP and TCP listeners of this machine; who they are is known to root only. */
export async function listeners(): Promise<Listener[]> {
  return parseListeners((await execa('ss', ['-Hlntup'])).stdout)
}

/** Reads the lines of `ss -Hlntup`. */
export const parseListeners = (text: string): Listener[] =>
  text.split('\n').flatMap((line) => {
    const [, , , , local = ''] = line.trim().split(/\s+/)
    const [, address, device, port] = /^(.*?)(?:%([^:]+))?:(\d+)$/.exec(local) ?? []
    if (!address || !port) return []
    const [, program = '', pid = '0'] = /users:\(\("([^"]*)",pid=(\d+)/.exec(line) ?? []
    return [{ port: Number(port), address, device, program, pid: Number(pid) }]
  })

async function pidsIn(...files: string[]): Promise<number[]> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return texts.map(Number).filter((pid) => Number.isInteger(pid) && pid > 0)
}
