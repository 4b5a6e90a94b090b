import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { presentBinary, skipWithout } from '@muster/cluster/test-binary.ts'
import { execa } from 'execa'
import { againstArrows, readArrows } from './repository/arrows.ts'
import {
  findCycle,
  type Import,
  importsIn,
  ROOT,
  readImports,
  repositoryFiles,
  textOf,
} from './repository/imports.ts'
import { forbidden } from './repository/leaks.ts'

const files = await repositoryFiles()
const imports = await readImports(files)
const packages: { workspaces: string[]; scripts: Record<string, string> } = JSON.parse(
  (await textOf('package.json'))!,
)
const say = ({ from, to }: Import) => `${from} -> ${to}`

test('imports are read in all their forms', () => {
  // Marked, so that this file itself does not import them.
  const text = `
|import a from 'a'
|import type { B } from '@muster/base/b.ts'
|import { c, type D } from './c.ts'
|import {
|  e,
|} from '../e.ts'
|export * from './f.ts'
|import './g.ts'
|const h = await |import('./h.ts')
|const text = "import x from 'x'"`.replaceAll('|', '')
  assert.deepEqual(
    importsIn('cli/src/x.ts', text).map(({ to, typeOnly }) => [to, typeOnly]),
    [
      ['a', false],
      ['base/b.ts', true],
      ['cli/src/c.ts', false],
      ['cli/e.ts', false],
      ['cli/src/f.ts', false],
      ['cli/src/g.ts', false],
      ['cli/src/h.ts', false],
    ],
  )
})

test('a cycle is found', () => {
  const edge = (from: string, to: string) => ({ from, to, typeOnly: false, ours: true })
  assert.equal(findCycle([edge('a', 'b'), edge('a', 'c'), edge('b', 'c')]), undefined)
  assert.deepEqual(findCycle([edge('a', 'b'), edge('b', 'c'), edge('c', 'a')]), [...'abca'])
})

test('no import cycles', () => {
  assert.ok(imports.length > 500, `only ${imports.length} imports were found`)
  assert.equal(findCycle(imports)?.join(' -> '), undefined)
})

test('every import of ours is a file that is there', () => {
  const missing = imports.filter(
    ({ to, ours }) => ours && !/\?/.test(to) && !files.includes(to) && !to.endsWith('.css'),
  )
  assert.deepEqual(missing.map(say), [])
})

test('the arrows between the folders are those of docs/ARCHITECTURE.md', async () => {
  const arrows = readArrows((await textOf('docs/ARCHITECTURE.md'))!)
  for (const folder of packages.workspaces) assert.ok(arrows.has(folder), `${folder} has no row`)
  // Types of the port are what provisioning is written against; values come from server.ts only.
  const rest = imports.filter(
    ({ from, to, typeOnly }) =>
      !(typeOnly && to === 'cluster/port.ts' && from.startsWith('provisioning-api/')),
  )
  const inScripts = ({ from }: Import) => from.startsWith('scripts/')
  const wrong = againstArrows(rest, arrows).filter((each) => !inScripts(each))
  assert.deepEqual(wrong.map(say), [])
  const cluster = rest.filter(
    ({ from, to }) => from.startsWith('provisioning-api/') && to.startsWith('cluster/'),
  )
  assert.deepEqual(
    [...new Set(cluster.map(({ from }) => from))],
    ['provisioning-api/src/server.ts'],
  )
})

test('contracts import zod and contracts only', () => {
  const isContract = (file: string) => /^[\w-]+\/contract\//.test(file)
  const wrong = imports.filter(
    ({ from, to }) => isContract(from) && to !== 'zod' && !isContract(to),
  )
  assert.deepEqual(wrong.map(say), [])
})

/** Who reads the environment besides servers, their configuration, base, the commands of cli, tests and scripts. */
const READS_ENVIRONMENT: Record<string, string> = {
  'cluster/binaries.ts': 'looks for the programs on PATH',
  'cluster/debian-packages.ts':
    'the mirror is a setting of the machine, shared by up, tests and the lab',
  'cluster/expert-job.ts': 'hands PATH on to the command line of Nomad',
}

test('only entry points read process.env', async () => {
  const mayRead = [
    /^(base|cli|test|bench|scripts)\//,
    /\/src\/(server|config)\.ts$/,
    /\.test\.ts$/,
    /\/test\//,
  ]
  const reading: string[] = []
  for (const file of files.filter((name) => /\.tsx?$/.test(name)))
    if (/process\.env\b/.test((await textOf(file))!)) reading.push(file)
  const others = reading.filter((file) => !mayRead.some((pattern) => pattern.test(file)))
  assert.deepEqual(others.sort(), Object.keys(READS_ENVIRONMENT).sort())
})

test('every npm run that a document names is there', async () => {
  const documents = files.filter((file) => /^(README|CONTRIBUTING|docs\/.*)\.md$/.test(file))
  let count = 0
  for (const file of documents)
    for (const [, script = ''] of (await textOf(file))!.matchAll(
      /npm run (?:-s |--silent )?([\w:-]+)/g,
    )) {
      count += 1
      assert.ok(packages.scripts[script], `${file} names npm run ${script}`)
    }
  assert.ok(count > 3, `only ${count} were found`)
})

test('no file names a registry, a mirror or a path of this machine', async () => {
  const patterns = await forbidden()
  const found: string[] = []
  for (const file of files) {
    const text = (await textOf(file))!
    if (text.includes('\0')) continue
    for (const { what, pattern } of patterns)
      if (pattern.test(text)) found.push(`${file}: ${what}: ${pattern.exec(text)?.[0]}`)
  }
  assert.deepEqual(found, [])
})

test('package-lock.json has no download addresses', async () => {
  const lock = JSON.parse((await textOf('package-lock.json'))!)
  const entries = Object.entries<{ resolved?: string; link?: boolean }>(lock.packages)
  assert.ok(entries.length > 100)
  const addresses = entries.filter(([, { resolved, link }]) => resolved && !link)
  assert.deepEqual(addresses, [])
})

const nomad = await presentBinary('nomad')
const jobs = files.filter((file) => /^jobs\/.*\.hcl$/.test(file))

for (const job of jobs)
  test(`${job} is formatted and valid`, { skip: skipWithout('nomad', nomad) }, async () => {
    await execa(nomad!, ['fmt', '-check', job], { cwd: ROOT })
    const text = (await textOf(job))!
    const blocks = [...text.matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm)]
    const required = blocks.filter(([, , body = '']) => !/^\s*default\s*=/m.test(body))
    const flags = required.flatMap(([, name]) => ['-var', `${name}=sample`])
    // Nobody listens there: the job is validated by the program itself.
    const env = { NOMAD_ADDR: 'http://127.0.0.1:1' }
    const { stdout } = await execa(nomad!, ['job', 'validate', ...flags, job], { cwd: ROOT, env })
    assert.match(stdout, /validation successful/i)
  })

const ansible = (await execa('ansible-playbook', ['--version'], { reject: false })).exitCode === 0

test('the playbook has no syntax error', {
  skip: ansible ? false : 'ansible-playbook is not on this machine',
}, async (context) => {
  const home = await mkdtemp(path.join(tmpdir(), 'muster-ansible-'))
  context.after(() => rm(home, { recursive: true, force: true }))
  const env = { ANSIBLE_CONFIG: path.join(ROOT, 'ansible/ansible.cfg'), ANSIBLE_HOME: home }
  await execa('ansible-playbook', ['--syntax-check', '-i', 'w1,', 'ansible/playbook.yaml'], {
    cwd: ROOT,
    env,
  })
})
