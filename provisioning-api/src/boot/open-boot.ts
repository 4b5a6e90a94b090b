import type { DatabaseSync } from 'node:sqlite'
import { privateFolder } from '@muster/base/atomic-file.ts'
import { AttemptLimit } from '@muster/base/attempt-limit.ts'
import { bootFiles, stateFiles } from '@muster/base/state.ts'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { BootMachineStore } from '../store/boot-machines.ts'
import { GrantStore } from '../store/grants.ts'
import type { JobStore } from '../store/jobs.ts'
import type { MachineStore } from '../store/machines.ts'
import { SettingStore } from '../store/settings.ts'
import { AcceptWindowStore } from './accept-window.ts'
import { BootLogs } from './boot-log.ts'
import type { BootParts } from './boot-parts.ts'
import { KnownHosts } from './known-hosts.ts'
import { SyslogListener } from './syslog.ts'
import { Watchdog } from './watchdog.ts'

/** Machines never seen before, from one address: a network has one address for each of them. */
const NEW_A_MINUTE = 30

type Given = {
  config: Config
  database: DatabaseSync
  machines: MachineStore
  jobs: JobStore
  logger: Logger
  now: () => number
}

/** What the routes of network boot need, and what watches beside them. */
type OpenBoot = {
  boot: BootParts
  knownHosts: KnownHosts
  watchdog: Watchdog
  syslog: SyslogListener
  close: () => void
}

export async function openBoot(given: Given): Promise<OpenBoot> {
  const { config, database, machines, jobs, logger, now } = given
  const files = bootFiles(config.state)
  await privateFolder(files.folder)
  const boot: BootParts = {
    database,
    machines,
    jobs,
    now,
    bootMachines: new BootMachineStore(database),
    grants: new GrantStore(database),
    window: new AcceptWindowStore(new SettingStore(database), now),
    logs: new BootLogs(files.logs),
    newcomers: new AttemptLimit(NEW_A_MINUTE),
  }
  const watchdog = new Watchdog(boot, logger)
  const syslog = new SyslogListener(boot, logger)
  const close = () => {
    watchdog.close()
    syslog.close()
  }
  const knownHosts = new KnownHosts(stateFiles(config.state).knownHosts, logger)
  return { boot, knownHosts, watchdog, syslog, close }
}
