/** `0.4 s`, `12 s`, `3 min 5 s`. */
export function seconds(value: number): string {
  if (value < 10) return `${Math.round(value * 10) / 10} s`
  const whole = Math.round(value)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** `500 MB`, `240 GB`, `2 TB`: decimal, as on the label of a disk. */
export function storage(bytes: number): string {
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`
  return bytes < 1e12 ? `${Math.round(bytes / 1e9)} GB` : `${Math.round(bytes / 1e11) / 10} TB`
}

/** `7.8 GB` from mebibytes. */
export const memory = (mebibytes: number): string =>
  mebibytes < 1024 ? `${Math.round(mebibytes)} MB` : `${Math.round(mebibytes / 102.4) / 10} GB`

/** `1 machine`, `3 machines` */
export const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`

/** The local `15:40` of an RFC 3339 time; the text itself when it is none. */
export function clock(time: string): string {
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) return time
  return date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}
