import path from 'node:path'
import { isThere } from '@muster/base/atomic-file.ts'
import { bootFiles } from '@muster/base/state.ts'
import { sha256Of } from '@muster/cluster/sha256.ts'
import type { BootFile, BootManifest } from '@muster/pxe/contract/manifest.ts'
import { readManifest } from '@muster/pxe/manifest.ts'
import { bad, type Check, type Finding, ok, warn } from './finding.ts'

const CHECK = 'boot files'
const REBUILD = 'Build them: npm run muster -- boot build'

/** A file that is not as the manifest says. */
export type Broken = { file: string; problem: 'is missing' | 'is damaged' }

/** Whether what machines boot is there, as it was built. */
export const checkArtifacts: Check = async ({ state }) => {
  const manifest = await readManifest(state)
  return judgeArtifacts(manifest, await brokenFiles(state, manifest))
}

export function judgeArtifacts(manifest: BootManifest, broken: readonly Broken[]): Finding[] {
  const findings = broken.map(({ file, problem }) =>
    bad(CHECK, `${file} ${problem}`, `${REBUILD}.`),
  )
  if (Object.keys(manifest.ipxe).length === 0)
    findings.push(bad(CHECK, 'iPXE was not built: no machine can boot', `${REBUILD}.`))
  if (!manifest.live)
    findings.push(
      bad(CHECK, 'the live system was not built: no machine is looked at', `${REBUILD}.`),
    )
  if (!manifest.image && !manifest.installer)
    findings.push(
      bad(CHECK, 'there is nothing to install: no disk image, no installer', `${REBUILD}.`),
    )
  else if (!manifest.image)
    findings.push(warn(CHECK, 'without a disk image only package mode works', `${REBUILD}.`))
  if (findings.length > 0) return findings
  const modes = manifest.installer ? 'image and package mode' : 'image mode'
  return [ok(CHECK, `all are there and whole: ${modes}`)]
}

async function brokenFiles(state: string, manifest: BootManifest): Promise<Broken[]> {
  const { www, tftp } = bootFiles(state)
  const files: [string, BootFile][] = [
    ...Object.entries(manifest.ipxe).map(([name, file]): [string, BootFile] => [
      path.join(tftp, name),
      file,
    ]),
    ...bootFilesIn(manifest).map((file): [string, BootFile] => [path.join(www, file.file), file]),
  ]
  const broken: Broken[] = []
  for (const [file, { sha256 }] of files) {
    if (!(await isThere(file))) broken.push({ file, problem: 'is missing' })
    else if ((await sha256Of(file)) !== sha256) broken.push({ file, problem: 'is damaged' })
  }
  return broken
}

function bootFilesIn({ ipxe, live, image, installer }: BootManifest): BootFile[] {
  return [
    ...Object.values(ipxe),
    ...(live ? [live.kernel, live.initrd] : []),
    ...(image ? [image] : []),
    ...(installer ? [installer.kernel, installer.initrd, installer.suiteKey] : []),
  ]
}
