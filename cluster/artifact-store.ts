import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isThere, publishFile, replaceFile } from '@muster/base/atomic-file.ts'
import { stateFiles } from '@muster/base/state.ts'
import { execa } from 'execa'
import { z } from 'zod'
import type { ClusterSettings } from './layout.ts'
import { llamaVersion } from './llama-root.ts'
import type { Say } from './progress-sink.ts'
import { readIfThere } from './secret-file.ts'
import { sha256Of } from './sha256.ts'
import { releases } from './versions.ts'

/** One file that machines fetch: its path below `/artifacts/` and what it must hash to. */
export const Artifact = z.object({ file: z.string(), version: z.string(), sha256: z.string() })
export type Artifact = z.infer<typeof Artifact>
export const Manifest = z.object({
  consul: Artifact,
  nomad: Artifact,
  llama: Artifact,
  models: z.array(Artifact),
})
export type Manifest = z.infer<typeof Manifest>

type Store = { state: string; settings: ClusterSettings; say: Say }

/** Packs what machines need into `<state>/artifacts` and writes its manifest last. Packed files are kept. */
export async function fillStore({ state, settings, say }: Store): Promise<Manifest> {
  const folder = stateFiles(state).artifacts
  await mkdir(path.join(folder, 'models'), { recursive: true })
  const pack = (name: string, version: string, source: string[]) =>
    packed({ folder, name, version, source, say })
  const manifest: Manifest = {
    consul: await pack('consul', releases.consul.version, single(settings.consulBinary, 'consul')),
    nomad: await pack('nomad', releases.nomad.version, single(settings.nomadBinary, 'nomad')),
    llama: await pack('llama', llamaVersion, ['-C', settings.llamaRoot, '.']),
    models: [await modelArtifact(folder, settings.expert.model)],
  }
  await replaceFile(manifestFile(state), `${JSON.stringify(manifest, null, 2)}\n`, 0o644)
  return manifest
}

const manifestFile = (state: string) => path.join(stateFiles(state).artifacts, 'manifest.json')

/** @throws Error where the store was never filled */
export async function readManifest(state: string): Promise<Manifest> {
  const text = await readIfThere(manifestFile(state))
  if (!text) throw new Error('the artifact store is empty: run `npm run up` on the appliance')
  return Manifest.parse(JSON.parse(text))
}

/** Arguments of tar that pack one file under this name, whatever it is called on the appliance. */
const single = (file: string, name: string): string[] => [
  '--transform',
  `s|.*|${name}|`,
  '-C',
  path.dirname(file),
  path.basename(file),
]

type Pack = { folder: string; name: string; version: string; source: string[]; say: Say }

async function packed({ folder, name, version, source, say }: Pack): Promise<Artifact> {
  const file = `${name}-${version}.tar.gz`
  const target = path.join(folder, file)
  if (!(await isThere(target))) {
    say(`packing ${name} for the machines`)
    const tar = [
      '--owner=0',
      '--group=0',
      '--use-compress-program=gzip -3',
      '-cf',
      `${target}.draft`,
      ...source,
    ]
    await execa('tar', tar)
    await publishFile(`${target}.draft`, target)
  }
  return { file, version, sha256: await sha256Of(target) }
}

async function modelArtifact(folder: string, model: string): Promise<Artifact> {
  const file = path.join('models', model)
  const sha256 = await sha256Of(path.join(folder, file))
  return { file, version: sha256.slice(0, 12), sha256 }
}

/** Copies a model into the store unless the same one is there. @returns its file name below `models/` */
export async function addModel(state: string, source: string): Promise<string> {
  const name = path.basename(source)
  const target = path.join(stateFiles(state).artifacts, 'models', name)
  await mkdir(path.dirname(target), { recursive: true })
  if ((await isThere(target)) && (await sha256Of(target)) === (await sha256Of(source))) return name
  await copyFile(source, `${target}.draft`)
  await publishFile(`${target}.draft`, target)
  return name
}
