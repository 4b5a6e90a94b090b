import { mirror } from '@muster/cluster/debian-packages.ts'
import { bad, type Check, type Finding, ok, warn } from './finding.ts'

/** What the Debian mirror said; `at` = milliseconds of its clock and of ours when it answered. */
export type MirrorAnswer =
  | { url: string; status: number; at: { theirs: number; ours: number } | undefined }
  | { error: string }

const SUITE = 'trixie'
const PATIENCE_MS = 15_000
const MINUTE = 60_000
/** Before it, this program was not written: the battery of the clock is empty. */
const SANE = Date.UTC(2025, 0, 1)

/** The mirror, and by its clock ours. */
export const checkMirror: Check = async ({ signal }) => {
  const answer = await askMirror(signal)
  return [judgeMirror(answer), judgeClock(answer, Date.now())]
}

async function askMirror(signal: AbortSignal): Promise<MirrorAnswer> {
  try {
    const url = `${(await mirror()).replace(/\/$/, '')}/dists/${SUITE}/InRelease`
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
    const answer = await fetch(url, { method: 'HEAD', signal: patience })
    const theirs = Date.parse(answer.headers.get('date') ?? '')
    const at = Number.isNaN(theirs) ? undefined : { theirs, ours: Date.now() }
    return { url, status: answer.status, at }
  } catch (error) {
    const { message, cause } = error as Error
    return { error: (cause as Error | undefined)?.message ?? message }
  }
}

export function judgeMirror(answer: MirrorAnswer): Finding {
  const fix =
    'Mend the network or the apt settings of this machine, or set MUSTER_DEBIAN_MIRROR. Until then nothing can be built; what was built is still served.'
  if ('error' in answer)
    return warn('mirror', `the Debian mirror can't be reached: ${answer.error}`, fix)
  if (answer.status !== 200)
    return warn('mirror', `the Debian mirror answers ${answer.status} for ${SUITE}`, fix)
  return ok('mirror', `the Debian mirror has ${SUITE}`)
}

/** A clock that is wrong makes signatures and certificates invalid, here and on machines that ask us for the time. */
export function judgeClock(answer: MirrorAnswer, now: number): Finding {
  const fix = 'Set it: sudo timedatectl set-ntp true, or sudo date -s "...".'
  if (now < SANE) return bad('clock', `the clock says ${new Date(now).toISOString()}`, fix)
  if ('error' in answer || !answer.at)
    return ok('clock', 'the year is possible; no clock to compare with')
  const minutes = Math.round((answer.at.ours - answer.at.theirs) / MINUTE)
  if (Math.abs(minutes) < 1) return ok('clock', 'the clock is right')
  const text = `the clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead of' : 'behind'} the mirror's`
  return Math.abs(minutes) < 5 ? warn('clock', text, fix) : bad('clock', text, fix)
}
