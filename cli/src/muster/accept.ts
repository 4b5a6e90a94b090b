import type { Command } from './command.ts'
import { INSTALL_USAGE, requestInstall } from './install-request.ts'

const usage = `accepts a machine: it is installed at its next network boot
  NAME [--name NEW] [--disk ID] [--erase] [--mode image|package] [--json] [--state FOLDER]

  --name NEW       what the machine is to be called; once${INSTALL_USAGE}`

export const accept: Command = { usage, run: (argv) => requestInstall('accept', argv) }
