import { stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { isThere, privateFolder, replaceFile } from '@muster/base/atomic-file.ts'
import { cacheFolder, stateFiles } from '@muster/base/state.ts'
import { addModel } from '@muster/cluster/artifact-store.ts'
import { obtainBinary } from '@muster/cluster/binaries.ts'
import { ClusterSettings, clusterFiles } from '@muster/cluster/layout.ts'
import { obtainLlamaRoot } from '@muster/cluster/llama-root.ts'
import { readIfThere } from '@muster/cluster/secret-file.ts'
import type { UpOptions } from './options.ts'
import { type ProgressRecorder, Skipped } from './progress.ts'

const BUILT_IN_MODEL = path.join(import.meta.dirname, '../../../models/tool-caller.gguf')

/** What an earlier `up` decided, if any. */
export async function savedSettings(state: string): Promise<ClusterSettings | undefined> {
  const text = await readIfThere(clusterFiles(state).settings)
  return text ? ClusterSettings.parse(JSON.parse(text)) : undefined
}

/** The interface that holds an address. @throws Error that lists this machine's addresses */
export function interfaceOf(address: string): string {
  const all = Object.entries(networkInterfaces())
  const found = all.find(([, addresses]) => addresses?.some((entry) => entry.address === address))
  if (found) return found[0]
  const known = all
    .flatMap(([, addresses]) => addresses ?? [])
    .filter((entry) => entry.family === 'IPv4')
  throw new Error(
    `${address} is not an address of this machine; it has ${known.map((entry) => entry.address).join(', ')}`,
  )
}

type Tools = Pick<ClusterSettings, 'consulBinary' | 'nomadBinary' | 'llamaRoot'>

/** The programs of the cluster, each a step of its own. */
export async function obtainTools(progress: ProgressRecorder, signal: AbortSignal): Promise<Tools> {
  const cache = cacheFolder()
  const consulBinary = await progress.step('consul-binary', (say) =>
    obtainBinary('consul', { cache, say, signal }),
  )
  const nomadBinary = await progress.step('nomad-binary', (say) =>
    obtainBinary('nomad', { cache, say, signal }),
  )
  const llamaRoot = await progress.step('llama', async (say) => {
    const hasApt = await isThere('/usr/bin/apt-get')
    if (!hasApt)
      throw new Skipped(
        'llama.cpp comes as Debian packages, and this system has no apt; the fallback expert answers',
      )
    return obtainLlamaRoot({ cache, say, signal })
  })
  return { consulBinary, nomadBinary, llamaRoot }
}

/** Decides this appliance's settings and keeps them; what was decided before stays unless an option says otherwise. */
export async function decideSettings(
  options: UpOptions,
  tools: Tools,
  artifactsUrl: string,
): Promise<ClusterSettings> {
  const saved = await savedSettings(options.state)
  const address = options.address ?? saved?.address ?? '127.0.0.1'
  const model =
    options.model || !saved
      ? await addModel(options.state, options.model ?? BUILT_IN_MODEL)
      : saved.expert.model
  const settings = ClusterSettings.parse({
    address,
    interface: interfaceOf(address),
    artifactsUrl,
    ...tools,
    exec: process.getuid?.() === 0,
    expert: {
      name: 'general',
      model,
      quantisation: quantisationOf(model),
      context: CONTEXT_TOKENS,
      memory: memoryOf(
        (await stat(path.join(stateFiles(options.state).artifacts, 'models', model))).size,
      ),
    },
  })
  const { folder, settings: file } = clusterFiles(options.state)
  await privateFolder(folder)
  await replaceFile(file, `${JSON.stringify(settings, null, 2)}\n`)
  return settings
}

const CONTEXT_TOKENS = 4096

/** MB for a model of this many bytes: its weights, a quarter more for the cache and the buffers, and the program. */
export const memoryOf = (bytes: number): number => Math.ceil((bytes * 1.25) / 1_000_000) + 256

/** Read from the usual file names: `model-Q4_K_M.gguf`. */
export const quantisationOf = (model: string): string =>
  /[-._]((?:I?Q\d\w*|F16|BF16|F32))\.gguf$/i.exec(model)?.[1]?.toUpperCase() ?? 'unknown'
