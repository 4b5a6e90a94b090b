import { MusterError } from '@muster/base/errors.ts'
import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { hardwareOf, type InstallerValues } from './preseed.ts'

type Asked = {
  /** `http://10.0.0.2:8001`, as the machine reaches this server. */
  base: string
  grant: string
  manifest: BootManifest
  /** Milliseconds since 1970. */
  now: number
  syslogPort: number
}

/**
 * What the texts of one installation by the Debian installer depend on.
 * @throws MusterError `grant-refused` when this machine is not to be installed that way
 */
export function installerValues(
  { name, mode, resolved_disk: disk, facts }: BootMachine,
  { manifest: { installer }, now, syslogPort, ...asked }: Asked,
): InstallerValues {
  if (mode !== 'package' || !disk || !facts || !installer)
    throw new MusterError('grant-refused', { why: 'mode' })
  return {
    ...asked,
    hostname: name,
    disk,
    firmware: facts.firmware,
    suite: installer.suite,
    hardware: hardwareOf(facts.product),
    now: Math.floor(now / 1000),
    logPort: syslogPort,
  }
}
