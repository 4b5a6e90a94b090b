import { bootFiles, stateFiles } from '@muster/base/state.ts'
import type { FastifyInstance } from 'fastify'
import type { BootParts } from '../boot/boot-parts.ts'
import { writeDhcpHosts } from '../boot/dhcp-hosts.ts'
import type { KnownHosts } from '../boot/known-hosts.ts'
import type { MachineList } from '../boot/machine-list.ts'
import type { BootMachine } from '../store/boot-machines.ts'
import { acceptRoutes } from './accept.ts'
import { acceptWindowRoutes } from './accept-window.ts'
import type { Access } from './access.ts'
import { bootArtefactRoutes } from './boot-artefacts.ts'
import { bootFileRoutes } from './boot-files.ts'
import { bootInstallRoutes } from './boot-install.ts'
import { bootLogRoute } from './boot-log.ts'
import { bootScriptRoutes } from './boot-script.ts'

export type BootRouteParts = {
  access: Access
  boot: BootParts
  list: MachineList
  knownHosts: KnownHosts
  state: string
  syslogPort: number
  debianMirror: string | null
}

/** Every route of network boot, for machines and for people. */
export function bootRoutes(app: FastifyInstance, parts: BootRouteParts): void {
  const files = bootFiles(parts.state)
  const { sshKey } = stateFiles(parts.state)
  const onBootBinary = (machine: BootMachine) => writeDhcpHosts(files, machine)
  // Its file names its cards, which the live system has just told.
  const onFacts = async (machine: BootMachine) => {
    if (machine.boot_binary) await onBootBinary(machine)
  }
  const all = { ...parts, ...files, sshKey, onBootBinary, onFacts }
  bootScriptRoutes(app, all)
  bootFileRoutes(app, all)
  bootInstallRoutes(app, all)
  bootArtefactRoutes(app, all)
  acceptRoutes(app, all)
  acceptWindowRoutes(app, { ...all, window: parts.boot.window })
  bootLogRoute(app, { ...all, logs: parts.boot.logs })
}
