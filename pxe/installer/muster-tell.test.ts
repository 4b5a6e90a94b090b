import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { execa } from 'execa'

const TELL = path.join(import.meta.dirname, 'root/usr/bin/muster-tell')
const GRANT = '0123456789abcdef0123456789abcdef'
const COMMAND_LINE = `auto=true url=http://10.20.0.2:8001/boot/preseed/${GRANT} locale=C.UTF-8\n`

/** Runs it with stand-ins for wget, sleep and reboot. @returns what they were told and the folder */
async function tell(context: TestContext, args: string[], log = ''): Promise<[string, string]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'muster-tell-'))
  context.after(() => rm(folder, { recursive: true }))
  for (const name of ['bin', 'proc', 'var/log', 'tmp', 'dev'])
    await mkdir(path.join(folder, name), { recursive: true })
  await writeFile(path.join(folder, 'proc/cmdline'), COMMAND_LINE)
  await writeFile(path.join(folder, 'var/log/syslog'), log)
  for (const program of ['wget', 'sleep', 'reboot']) {
    const file = path.join(folder, 'bin', program)
    await writeFile(file, `#!/bin/sh\necho "${program} $*" >> ${folder}/told\n`)
    await chmod(file, 0o755)
  }
  const env = { ROOT: folder, PATH: `${folder}/bin:/usr/bin:/bin` }
  await execa('sh', [TELL, ...args], { env, extendEnv: false })
  return [await readFile(path.join(folder, 'told'), 'utf8'), folder]
}

test('beacons and the end go to the appliance with the grant of this installation', async (t) => {
  const [beacon] = await tell(t, ['beacon', 'late'])
  assert.match(beacon, new RegExp(`http://10.20.0.2:8001/boot/beacon/${GRANT}/late$`, 'm'))
  const [installed] = await tell(t, ['installed'])
  assert.match(installed, new RegExp(`http://10.20.0.2:8001/boot/installed/${GRANT}$`, 'm'))
})

test('the end is told without /proc, as at the end of the installer', async (context) => {
  const [, folder] = await tell(context, ['beacon', 'late'])
  await rm(path.join(folder, 'proc'), { recursive: true })
  const env = { ROOT: folder, PATH: `${folder}/bin:/usr/bin:/bin` }
  await execa('sh', [TELL, 'installed'], { env, extendEnv: false })
  const told = await readFile(path.join(folder, 'told'), 'utf8')
  assert.match(told, new RegExp(`http://10.20.0.2:8001/boot/installed/${GRANT}$`, 'm'))
})

test('the end is told until it is heard', async (t) => {
  const [, folder] = await tell(t, ['beacon', 'late'])
  const deaf = `#!/bin/sh\necho wget >> ${folder}/told\n[ "$(grep -c '^wget$' ${folder}/told)" -ge 3 ]\n`
  await writeFile(path.join(folder, 'bin/wget'), deaf)
  const env = { ROOT: folder, PATH: `${folder}/bin:/usr/bin:/bin` }
  await execa('sh', [TELL, 'installed'], { env, extendEnv: false })
  const told = await readFile(path.join(folder, 'told'), 'utf8')
  assert.match(told, /wget\nsleep 10\nwget\nsleep 10\nwget\n$/)
})

test('a failure is told as JSON whatever the log has, then the machine starts again', async (t) => {
  const log = 'one "two" \\three\n\ttabs \u0007\u2603 and\r\nthe last'
  const [told, folder] = await tell(t, ['failed', 'It said "no".'], log)
  assert.match(
    told,
    /^wget .*--post-file \S+ http:\/\/10\.20\.0\.2:8001\/boot\/failed\nsleep 60\nreboot -f\n$/,
  )
  const body = JSON.parse(await readFile(path.join(folder, 'tmp/muster-failure'), 'utf8'))
  assert.deepEqual(body, {
    grant: GRANT,
    reason: 'It said no.',
    log: 'one two three\ntabs  and\nthe last\n',
  })
  assert.match(await readFile(path.join(folder, 'dev/console'), 'utf8'), /It said "no"\./)
})
