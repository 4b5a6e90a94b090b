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
import { allowTasks, endTasks } from '@muster/cluster/node-tasks.ts'
import * as nomad from '@muster/cluster/nomad-agent.ts'
import { unmountBelow } from '@muster/cluster/unmount.ts'
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
export type ClusterChildren = { consul: Child; nomad: Child; nomadClient: Child }

export function clusterChildren({ state, settings, onRestart }: Plan): ClusterChildren {
  const { agents } = clusterFiles(state)
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: process.env.HOME ?? '/' }
  const common = { state, env, onRestart, stopSignal: 'SIGINT' as const }
  const nomadAgent = (name: string, folder: string) =>
    new Child({
      ...common,
      name,
      command: settings.nomadBinary,
      args: ['agent', '-config', path.join(folder, 'agent.json')],
    })
  return {
    consul: new Child({
      ...common,
      name: 'consul',
      command: settings.consulBinary,
      args: ['agent', '-config-dir', path.join(agents.consul, 'agent.json')],
    }),
    nomad: nomadAgent('nomad', agents.nomad),
    nomadClient: nomadAgent('nomad-client', agents.nomadClient),
  }
}

/** From nothing to a secure cluster with a first expert; every step can be repeated. */
export async function startCluster(plan: Plan, children: ClusterChildren): Promise<void> {
  const { progress, signal, state, settings } = plan
  const place = { state, settings }
  await progress.step('consul', async () => {
    await prepareConsulServer(place)
    children.consul.start()
    await bootstrapConsul(place, signal)
  })
  await progress.step('nomad', (say) => startNomad(plan, children, say))
  await progress.step('expert', (say) => runExpert(place, settings.node, { log: say, signal }))
  progress.clusterReady()
}

/** What machines fetch; from then on they can join. */
export async function openToMachines({ progress, state, settings }: Plan): Promise<void> {
  await progress.step('store', (say) => fillStore({ state, settings, say }))
  await writeFile(clusterFiles(state).ready, '')
}

async function startNomad(
  plan: Plan,
  children: ClusterChildren,
  say: (detail: string) => void,
): Promise<void> {
  const { state, settings, signal } = plan
  const place = { state, settings }
  await nomad.prepareNomadServer(place)
  children.nomad.start()
  await nomad.bootstrapNomad(place, signal)
  await connectNomadToConsul(place)
  say('introducing this machine as a node')
  await nomad.prepareNomadClient(place)
  children.nomadClient.start()
  await allowTasks(place, settings.node, signal)
  await nomad.waitForNode(place, settings.node, { signal })
}

/** Tasks first, then the agents; Nomad's client leaves its mounts behind, so they are taken away. */
export async function stopCluster(
  children: ClusterChildren,
  { state, settings }: Pick<Plan, 'state' | 'settings'>,
): Promise<void> {
  if (children.nomadClient.running)
    await endTasks({ state, settings }, settings.node, AbortSignal.timeout(45_000)).catch(
      (error: Error) => process.stderr.write(`tasks may still run: ${error.message}\n`),
    )
  await children.nomadClient.stop()
  if (settings.exec) await unmountBelow(clusterFiles(state).data.nomadClient)
  await children.nomad.stop()
  await children.consul.stop()
}
