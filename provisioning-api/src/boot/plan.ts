import type { BootManifest } from '@muster/pxe/contract/manifest.ts'
import type { PlanAction } from '../../contract/boot.ts'
import type { InstallMode } from '../../contract/machine.ts'
import type { Fitness } from './fitness.ts'

type Plan = { action: PlanAction; reason: string } & Record<string, string | number>

/** What the live system does after its facts were looked at. */
export function planFor(fit: Fitness, mode: InstallMode, { image }: BootManifest): Plan {
  if ('problem' in fit) return { action: 'local', reason: fit.problem }
  if (mode === 'package' || !image)
    return { action: 'installer', reason: `The Debian installer writes ${fit.disk.id}.` }
  return {
    action: 'install',
    reason: `The image is written to ${fit.disk.id}.`,
    disk: fit.disk.id,
    image: `/boot/files/${image.file}`,
    sha256: image.sha256,
    bytes: image.bytes,
    size: image.size,
  }
}

/** `key=value` lines: each value one line of printable ASCII. */
export const planText = (plan: Plan): string =>
  Object.entries(plan)
    .map(([key, value]) => `${key}=${String(value).replace(/[^\x20-\x7e]+/g, ' ')}\n`)
    .join('')
