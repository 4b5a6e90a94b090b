import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'receive buffer'
/** Room for 3,000 waiting questions; the kernel's default holds about 250. */
const ENOUGH = 4_194_304

/** Bytes: of sockets that are opened from now on, and of the DHCP socket that is open, if any. */
export type Buffers = { setting: number; socket: number | undefined }

/** Whether a shelf of machines that is powered on at once is heard. */
export const checkReceiveBuffer: Check = async () => {
  const setting = Number(await readFile('/proc/sys/net/core/rmem_default', 'utf8'))
  const { stdout } = await execa('ss', ['-HlunmO', 'sport = :67'])
  return [judgeBuffer({ setting, socket: socketBuffer(stdout) })]
}

/** Reads `rb` of the first line of `ss -m`. */
export function socketBuffer(text: string): number | undefined {
  const bytes = /skmem:\(r\d+,rb(\d+)/.exec(text)?.[1]
  return bytes ? Number(bytes) : undefined
}

export function judgeBuffer({ setting, socket }: Buffers): Finding {
  const set = `sudo sysctl -w net.core.rmem_default=${ENOUGH}`
  if (setting < ENOUGH)
    return warn(
      CHECK,
      `the receive buffer of DHCP is ${setting} bytes: of many machines that start at once, only about ${Math.round(setting / 850)} are heard`,
      `${set}, keep it in /etc/sysctl.d, then start network boot again.`,
    )
  if (socket !== undefined && socket < ENOUGH)
    return warn(
      CHECK,
      'dnsmasq was started before the receive buffer was raised',
      'Start network boot again.',
    )
  return ok(CHECK, 'large enough for hundreds of machines at once')
}
