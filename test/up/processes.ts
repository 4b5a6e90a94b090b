import { readdir, readFile } from 'node:fs/promises'

export type Process = { pid: number; command: string; environment: string }

/** Every process of this machine that can be read, with its command line and environment. */
export async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  return Promise.all(
    pids.map(async (pid) => ({
      pid,
      command: (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' '),
      environment: (await read(`/proc/${pid}/environ`)).replaceAll('\0', ' '),
    })),
  )
}

/** The other processes that name a text in their command line or environment. */
export async function processesNaming(text: string): Promise<Process[]> {
  return (await processes()).filter(
    ({ pid, command, environment }) =>
      pid !== process.pid && (command.includes(text) || environment.includes(text)),
  )
}
