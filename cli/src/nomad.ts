// npm run nomad -- ARGS: Nomad's own command line, acting as the provisioner of the appliance in MUSTER_STATE.
import { stateFolder } from '@muster/base/state.ts'
import { nomadEnvironment } from '@muster/cluster/expert-job.ts'
import { readSettings } from '@muster/cluster/settings.ts'
import { execa } from 'execa'

const state = stateFolder()
const settings = await readSettings(state).catch(() => undefined)
if (!settings) {
  process.stderr.write(
    `There is no cluster in ${state}. Start one with npm run up, or set MUSTER_STATE.\n`,
  )
  process.exit(1)
}
const env = { ...(await nomadEnvironment({ state, settings })), HOME: process.env.HOME ?? '/' }
const cwd = process.env.INIT_CWD ?? process.cwd()
const run = await execa(settings.nomadBinary, process.argv.slice(2), {
  env,
  extendEnv: false,
  cwd,
  stdio: 'inherit',
  reject: false,
})
process.exitCode = run.exitCode ?? 1
