import path from 'node:path'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { Guard } from '@muster/base/guard.ts'
import { stateFiles } from '@muster/base/state.ts'
import type { ClusterPort } from '@muster/cluster/port.ts'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Acceptor } from './acceptance.ts'
import { buildApp } from './app.ts'
import { MachineList } from './boot/machine-list.ts'
import { openBoot } from './boot/open-boot.ts'
import type { SyslogListener } from './boot/syslog.ts'
import type { Watchdog } from './boot/watchdog.ts'
import type { Config } from './config.ts'
import { EnrolmentWindow } from './enrolment.ts'
import type { LockSettings } from './file-lock.ts'
import { Inventory } from './inventory/inventory.ts'
import { ansibleEnvironment } from './jobs/ansible.ts'
import { JobFiles } from './jobs/job-files.ts'
import { JobQueue } from './jobs/queue.ts'
import { openDatabase } from './store/database.ts'
import { JobStore } from './store/jobs.ts'
import { MachineStore } from './store/machines.ts'
import { claimOwnership } from './store/owner.ts'
import { SettingStore } from './store/settings.ts'

type Given = {
  config: Config
  cluster: ClusterPort
  logger: Logger
  lock?: LockSettings
  /** Milliseconds since 1970; the clock of network boot. */
  now?: () => number
}
export type Opened = {
  app: FastifyInstance
  queue: JobQueue
  enrolment: EnrolmentWindow
  watchdog: Watchdog
  syslog: SyslogListener
}

/**
 * Opens the store of a state folder and joins all parts to one app. Runs begin with `queue.start()`;
 * closing the app ends them and closes the store.
 * @throws Error with a sentence when another server has the state folder
 */
export async function openParts(given: Given): Promise<Opened> {
  const { config, cluster, logger, lock, now = Date.now } = given
  const state = stateFiles(config.state)
  const folder = await privateFolder(state.provisioning)
  await privateFolder(state.artifacts)
  const inside = (name: string) => path.join(folder, name)
  const database = openDatabase(inside('provisioning.db'))
  claimOwnership(database)
  const machines = new MachineStore(database)
  const jobs = new JobStore(database)
  jobs.dropUnaccepted()
  const files = new JobFiles(inside('jobs'))
  const enrolment = new EnrolmentWindow(new SettingStore(database))
  enrolment.begin(config.enrolMinutes)
  const queue = new JobQueue(
    {
      cluster,
      jobs,
      files,
      playbook: config.playbook,
      sshKey: state.sshKey,
      knownHosts: state.knownHosts,
      environment: ansibleEnvironment(config.path, config.home),
    },
    {
      maxRuns: config.maxRuns,
      limitMinutes: config.jobMinutes,
      todoFile: inside('TODO.md'),
      logger,
    },
  )
  const acceptor = new Acceptor({
    database,
    machines,
    jobs,
    inventory: new Inventory(inside('inventory.yaml'), lock),
    wakeQueue: () => queue.wake(),
  })
  const network = await openBoot({ config, database, machines, jobs, logger, now })
  const app = buildApp({
    guard: new Guard(config.keys),
    acceptor,
    enrolment,
    machines,
    jobs,
    files,
    artifacts: state.artifacts,
    boot: network.boot,
    list: new MachineList(network.boot),
    knownHosts: network.knownHosts,
    state: config.state,
    syslogPort: config.syslogPort,
    debianMirror: config.debianMirror,
    allowLoopback: config.allowLoopback,
    logger,
  })
  app.addHook('preClose', () => queue.close())
  app.addHook('onClose', async () => {
    network.close()
    database.close()
  })
  const { watchdog, syslog } = network
  return { app, queue, enrolment, watchdog, syslog }
}
