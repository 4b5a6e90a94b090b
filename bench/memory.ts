import { readFile } from 'node:fs/promises'

/** Memory in MB (2^20 bytes): RSS counts shared pages whole, PSS each process's part of them. */
export type Memory = { rss: number; pss: number }

/** What a process and all its descendants use now. @throws Error where it is gone or may not be read */
export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const own = { rss: megabytes(text, 'Rss'), pss: megabytes(text, 'Pss') }
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const rest = await Promise.all(children.split(' ').map(Number).filter(Boolean).map(memoryOf))
  return rest.reduce((sum, { rss, pss }) => ({ rss: sum.rss + rss, pss: sum.pss + pss }), own)
}

function megabytes(text: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  if (!kilobytes) throw new Error(`smaps_rollup has no ${field}`)
  return Number(kilobytes) / 1024
}
