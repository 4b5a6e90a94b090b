import { rm } from 'node:fs/promises'
import { privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { identify, isAlive } from '@muster/base/process-id.ts'
import { stateFiles } from '@muster/base/state.ts'
import { readIfThere } from '@muster/cluster/secret-file.ts'
import { z } from 'zod'

/** What `up --json` prints. */
export const UpLine = z.object({
  missionControl: z.url(),
  provisioningApi: z.url(),
  agentApp: z.url(),
  openai: z.url(),
  apiKey: z.string(),
  state: z.string(),
})
export type UpLine = z.infer<typeof UpLine>

const Running = UpLine.omit({ apiKey: true }).extend({
  pid: z.int(),
  started: z.string(),
  cluster: z.boolean(),
})
export type Running = z.infer<typeof Running>

const fileOf = (state: string) => `${stateFiles(state).run}/up.json`

/** The `up` that runs on this state folder now, if any. */
export async function runningUp(state: string): Promise<Running | undefined> {
  const text = await readIfThere(fileOf(state))
  const parsed = text ? Running.safeParse(JSON.parse(text)) : undefined
  if (!parsed?.success) return undefined
  const { pid, started: start } = parsed.data
  return isAlive({ pid, start }) ? parsed.data : undefined
}

export async function rememberRunning(line: UpLine, cluster: boolean): Promise<void> {
  const { apiKey: _, ...rest } = line
  await privateFolder(stateFiles(line.state).run)
  const running: Running = {
    ...rest,
    pid: process.pid,
    started: identify(process.pid)?.start ?? '',
    cluster,
  }
  await replaceFile(fileOf(line.state), `${JSON.stringify(running)}\n`)
}

export const forgetRunning = (state: string): Promise<void> => rm(fileOf(state), { force: true })
