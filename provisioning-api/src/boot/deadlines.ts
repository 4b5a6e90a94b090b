import type { BootMachine } from '../store/boot-machines.ts'

const MINUTE = 60_000
/** As long as a grant lasts without a sign of life. */
export const INSTALL_SILENCE_MS = 60 * MINUTE
export const CALL_HOME_MS = 15 * MINUTE
/** From here on a person is told that it says nothing. */
const NOTE_SILENCE_MS = 5 * MINUTE

type Heard = Pick<BootMachine, 'state' | 'heard'>

/**
 * Why a machine that was waited for too long has failed, else undefined.
 * @param since when this server began to listen: nobody could be heard before
 */
export function passedDeadline(
  { state, heard }: Heard,
  now: number,
  since: number,
): string | undefined {
  const silence = now - Math.max(since, Date.parse(heard ?? '') || 0)
  if (state === 'installing' && silence >= INSTALL_SILENCE_MS)
    return 'It said nothing for 60 minutes while it was being installed. Look at its screen, then accept it again.'
  if (state === 'installed' && silence >= CALL_HOME_MS)
    return 'It was installed but did not call home within 15 minutes. Look at its screen: does it start from its disk? A late call is still taken.'
  return undefined
}

/** `nothing heard for 7 min`, once that is worth a look. */
export function silenceNote({ state, heard }: Heard, now: number): string | undefined {
  const silence = now - (Date.parse(heard ?? '') || now)
  const expected = state === 'installing' || state === 'installed'
  return expected && silence >= NOTE_SILENCE_MS
    ? `nothing heard for ${Math.floor(silence / MINUTE)} min`
    : undefined
}
