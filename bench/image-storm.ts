import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootFiles } from '@muster/base/state.ts'
import { Appliance } from '@muster/test/lab/appliance.ts'
import { until } from '@muster/test/lab/until.ts'
import { execa } from 'execa'
import type { Benchmark, Measured } from './figure.ts'

const DOWNLOADS = 200
/** Bytes: a stand-in for the image. How many read at once is what counts, not for how long. */
const SIZE = 16 * 1024 * 1024
/** Together they take 1 Gb/s, the wire of a home. */
const RATE = 125_000_000 / DOWNLOADS
const PROBE_EVERY_MS = 10
const NGINX_PORT = 8090

type Storm = { completed: number; digests: string[]; seconds: number; latencies: number[] }

/** 200 machines fetch the image at once while people use the API; nginx serving the same file is the peer. */
export const imageStorm: Benchmark = async (say) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-bench-'))
  const state = path.join(folder, 'state')
  const digest = await writeImage(state)
  const appliance = await Appliance.start(['--no-cluster', '--state', state])
  const nginx = await startNginx(folder, bootFiles(state).www)
  try {
    const { provisioningApi, apiKey } = appliance.line
    const probe = () => latency(`${provisioningApi}/api/machines`, apiKey)
    say('the API alone')
    const alone = await probing(probe, () => sleep(5_000))
    say(`${DOWNLOADS} downloads from the provisioning API`)
    const ours = await storm(`${provisioningApi}/boot/files/image/storm.raw`, probe)
    say(`${DOWNLOADS} downloads from nginx`)
    const peer = await storm(`http://127.0.0.1:${NGINX_PORT}/image/storm.raw`, probe)
    return figures(ours, peer, alone.latencies, digest)
  } finally {
    nginx.kill('SIGTERM')
    await appliance.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function figures(ours: Storm, peer: Storm, alone: number[], digest: string): Measured[] {
  const whole = (storm: Storm) =>
    storm.digests.every((found) => found === digest) ? storm.completed : 0
  const ms = (name: string, values: number[], share: number): Measured => ({
    name,
    value: quantile(values, share),
    unit: 'ms',
  })
  return [
    { name: 'whole downloads', value: whole(ours), unit: '', goal: `>= ${DOWNLOADS}` },
    { name: 'whole downloads, nginx', value: whole(peer), unit: '', goal: `>= ${DOWNLOADS}` },
    { ...ms('API p99 while it serves them', ours.latencies, 0.99), goal: '< 200' },
    ms('API p50 while it serves them', ours.latencies, 0.5),
    ms('API p99 while nginx serves them', peer.latencies, 0.99),
    ms('API p99 alone', alone, 0.99),
    { name: 'all downloads', value: ours.seconds, unit: 's' },
    { name: 'all downloads, nginx', value: peer.seconds, unit: 's' },
    { name: 'time over that of nginx', value: ours.seconds / peer.seconds, unit: 'x' },
  ]
}

async function writeImage(state: string): Promise<string> {
  const file = path.join(bootFiles(state).www, 'image/storm.raw')
  await mkdir(path.dirname(file), { recursive: true })
  const bytes = randomBytes(SIZE)
  await writeFile(file, bytes)
  return createHash('sha256').update(bytes).digest('hex')
}

async function startNginx(folder: string, root: string) {
  const file = path.join(folder, 'nginx.conf')
  await writeFile(
    file,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
     events { worker_connections 1024; }
     http { access_log off; sendfile on; client_body_temp_path ${folder}; proxy_temp_path ${folder};
       fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
       server { listen 127.0.0.1:${NGINX_PORT}; root ${root}; } }`,
  )
  const run = await execa('nginx', ['-v'], { reject: false })
  if (run.exitCode !== 0) throw new Error('nginx is the peer here: apt-get install nginx-light')
  // Its worker runs as another user, who must be able to reach the file.
  const args = ['-p', folder, '-e', 'stderr', '-c', file, '-g', 'user root;']
  const nginx = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  await until('nginx', async () => (await fetch(`http://127.0.0.1:${NGINX_PORT}/`)).status > 0)
  return nginx
}

async function storm(url: string, probe: () => Promise<number>): Promise<Storm> {
  const { result, latencies } = await probing(probe, async () => {
    const script = path.join(import.meta.dirname, 'slow-readers.ts')
    const run = await execa(process.execPath, [script, url, String(DOWNLOADS), String(RATE)])
    return JSON.parse(run.stdout) as Omit<Storm, 'latencies'>
  })
  return { ...result, latencies }
}

/** Starts a probe every few milliseconds, however long earlier ones take, while the work goes on. */
async function probing<T>(probe: () => Promise<number>, work: () => Promise<T>) {
  const probes: Promise<number>[] = []
  const timer = setInterval(() => probes.push(probe()), PROBE_EVERY_MS)
  const result = await work().finally(() => clearInterval(timer))
  return { result, latencies: await Promise.all(probes) }
}

async function latency(url: string, key: string): Promise<number> {
  const start = performance.now()
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
  return performance.now() - start
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
