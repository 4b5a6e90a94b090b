import { mirror } from '@muster/cluster/debian-packages.ts'
import { execa } from 'execa'
import type { Build } from './stage.ts'

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
export const SUITE = 'trixie'

/** Seconds since 1970 that everything made by a build is dated: Debian 13's first day. Packages keep their own dates. */
export const EPOCH = 1754697600

/** Makes programs date what they write. */
export const DATED = { SOURCE_DATE_EPOCH: String(EPOCH) }

type Bootstrap = {
  target: string
  /** `extract` unpacks, `minbase` installs. */
  variant: 'extract' | 'minbase'
  packages: readonly string[]
  /** More arguments of mmdebstrap. */
  more?: readonly string[]
}

/** A folder of Debian 13 packages from the machine's mirror, made by mmdebstrap. Needs root. */
export async function bootstrap(
  { say, signal }: Build,
  { target, variant, packages, more = [] }: Bootstrap,
): Promise<void> {
  const args = [
    '--mode=root',
    `--variant=${variant}`,
    '--arch=amd64',
    '--aptopt=APT::Install-Recommends "false"',
    `--include=${packages.join(',')}`,
    ...more,
    SUITE,
    target,
    `deb [signed-by=${KEYRING}] ${await mirror()} ${SUITE} main`,
  ]
  const run = execa('mmdebstrap', args, {
    env: DATED,
    cancelSignal: signal,
    buffer: { stdout: false },
  })
  for await (const line of run.iterable({ from: 'stderr' }))
    if (line.startsWith('I: ')) say(line.slice(3))
  await run
}
