import type { Command } from './command.ts'
import { INSTALL_USAGE, requestInstall } from './install-request.ts'

const usage = `installs a machine again at its next network boot
  NAME [--disk ID] [--erase] [--mode image|package] [--json] [--state FOLDER]
${INSTALL_USAGE}`

export const reinstall: Command = { usage, run: (argv) => requestInstall('reinstall', argv) }
