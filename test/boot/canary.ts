import path from 'node:path'
import { nomadEnvironment } from '@muster/cluster/expert-job.ts'
import { readSettings } from '@muster/cluster/settings.ts'
import { execa } from 'execa'
import { GivenUp, until } from '../lab/until.ts'
import type { Pc } from './pc.ts'

const JOB = path.join(import.meta.dirname, '../../jobs/canary.nomad.hcl')

/** Has Nomad run the canary on the PC: llama.cpp starts there, isolated, and ends well. */
export async function runsCanary(pc: Pc, state: string): Promise<void> {
  const settings = await readSettings(state)
  const env = await nomadEnvironment({ state, settings })
  const nomad = async (...args: string[]) =>
    (await execa(settings.nomadBinary, args, { env, extendEnv: false })).stdout
  await nomad('job', 'run', '-detach', '-var', `node=${pc.name}`, JOB)
  await until(
    `the canary of ${pc.name}`,
    async () => {
      const text = await nomad('job', 'allocs', '-json', `canary-${pc.name}`)
      const allocs = JSON.parse(text) as { ClientStatus: string }[]
      const states = allocs.map(({ ClientStatus }) => ClientStatus)
      if (states.includes('failed')) throw new GivenUp(`the canary of ${pc.name} died: ${text}`)
      return states.includes('complete')
    },
    300,
  )
}
