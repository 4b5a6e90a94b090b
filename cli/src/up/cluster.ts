import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fillStore } from '@muster/cluster/artifact-store.ts'
import {
  bootstrapConsul,
  connectNomadToConsul,
  prepareConsulServer,
} from '@muster/cluster/consul-agent.ts'
import { runExpert } from '@muster/cluster/expert-job.ts'
import { type ClusterSettings, clusterFiles } from '@muster/cluster/layout.ts'
import * as nomad from '@muster/cluster/nomad-agent.ts'
import { Child } from './child.ts'
import type { ProgressRecorder } from './progress.ts'

type Plan = {
  state: string
  settings: ClusterSettings
  progress: ProgressRecorder
  signal: AbortSignal
  onRestart: (message: string) => void
}

/** The agents of the one-machine cluster, as children of `up`. */
export type ClusterChildren = { consul: Child; nomad: Child }

export function clusterChildren({ state, settings, onRestart }: Plan): ClusterChildren {
  const { agents } = clusterFiles(state)
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: process.env.HOME ?? '/' }
  const common = { state, env, onRestart, stopSignal: 'SIGINT' as const }
  return {
    consul: new Child({
      ...common,
      name: 'consul',
      command: settings.consulBinary,
      args: ['agent', '-config-dir', path.join(agents.consul, 'agent.json')],
    }),
    nomad: new Child({
      ...common,
      name: 'nomad',
      command: settings.nomadBinary,
      args: ['agent', '-config', path.join(agents.nomad, 'agent.json')],
    }),
  }
}

/** From nothing to a secure cluster with a first expert; every step can be repeated. */
export async function startCluster(plan: Plan, children: ClusterChildren): Promise<void> {
  const { progress, signal, state, settings } = plan
  const place = { state, settings }
  await progress.step('store', (say) => fillStore({ ...place, say }))
  await progress.step('consul', async () => {
    await prepareConsulServer(place)
    children.consul.start()
    await bootstrapConsul(place, signal)
  })
  await progress.step('nomad', (say) => startNomad(plan, children.nomad, say))
  await writeFile(clusterFiles(state).ready, '')
  await progress.step('expert', (say) => runExpert(place, settings.node, { log: say, signal }))
  progress.clusterReady()
}

async function startNomad(
  { state, settings, signal }: Plan,
  child: Child,
  say: (detail: string) => void,
): Promise<void> {
  const place = { state, settings }
  const known = await nomad.clientIsKnown(place)
  await nomad.prepareNomadServer(place, known)
  child.start()
  await nomad.bootstrapNomad(place, signal)
  await connectNomadToConsul(place)
  if (!known) {
    say('introducing this machine as a node')
    await nomad.introduceAppliance(place)
    await nomad.prepareNomadServer(place, true)
    await child.restart()
  }
  await nomad.waitForNode(place, settings.node, { signal })
}
