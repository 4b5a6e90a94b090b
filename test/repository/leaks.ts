import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { execa } from 'execa'
import { ROOT } from './imports.ts'

/** What no file may name, each with its reason. */
export type Forbidden = { what: string; pattern: RegExp }

const ALWAYS: Forbidden[] = [
  { what: 'an npm registry', pattern: /registry\.(npm|yarn)\w*\.\w+/i },
  { what: 'a Debian mirror', pattern: /\b(deb|security|snapshot|ftp(\.\w+)?)\.debian\.org/i },
  { what: 'a Go proxy', pattern: /\b(proxy|sum)\.golang\.org/i },
  { what: 'a Python index', pattern: /\b(pypi|pythonhosted)\.org/i },
  { what: 'a mirror', pattern: /https?:\/\/[\w.-]*(mirror|artifactory|nexus)[\w-]*[.:]/i },
  { what: 'a folder beside the repository', pattern: /\.\.\/shared\b/ },
  { what: 'a path of a workplace', pattern: /(?<![\w.-])\/work\/\w/ },
]

/** The fixed patterns, and those of this machine: its checkout, its caches, its registry and its mirrors. */
export async function forbidden(): Promise<Forbidden[]> {
  const hosts = [await npmHost(), ...(await aptHosts())].filter(isPublicName)
  return [
    ...ALWAYS,
    { what: 'the path of this checkout', pattern: literal(ROOT.replace(/\/$/, '')) },
    { what: 'the cache of this user', pattern: literal(`${homedir()}/.cache`) },
    ...hosts.map((host) => ({ what: 'a download host of this machine', pattern: literal(host) })),
  ]
}

const literal = (text: string): RegExp => new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))

const isPublicName = (host: string): boolean =>
  host.includes('.') && !/^[\d.]+$/.test(host) && !host.endsWith('localhost')

async function npmHost(): Promise<string> {
  const run = await execa('npm', ['config', 'get', 'registry'], { reject: false, cwd: ROOT })
  return URL.parse(run.stdout?.trim() ?? '')?.hostname ?? ''
}

async function aptHosts(): Promise<string[]> {
  const folder = '/etc/apt/sources.list.d'
  const more = (await readdir(folder).catch(() => [])).map((name) => `${folder}/${name}`)
  const texts = await Promise.all(
    ['/etc/apt/sources.list', ...more].map((file) => readFile(file, 'utf8').catch(() => '')),
  )
  return [...texts.join('\n').matchAll(/https?:\/\/([\w.-]+)/g)].map(([, host]) => host!)
}
