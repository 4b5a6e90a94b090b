// npm run muster -- COMMAND: what an operator does by hand, beside what the page offers.

import { accept } from './muster/accept.ts'
import { bootBuild } from './muster/boot-build.ts'
import { bootServe } from './muster/boot-serve.ts'
import { type Command, EXIT, type ExitCode, print, say, UsageError } from './muster/command.ts'
import { doctor } from './muster/doctor.ts'
import { machines } from './muster/machines.ts'
import { reinstall } from './muster/reinstall.ts'
import { retire } from './muster/retire.ts'

const commands: Record<string, Command> = {
  'boot build': bootBuild,
  'boot serve': bootServe,
  doctor,
  machines,
  accept,
  reinstall,
  retire,
}

const usage = (): string => {
  const rows = Object.entries(commands).map(
    ([name, command]) => `  ${name.padEnd(12)} ${command.usage.split('\n')[0]}`,
  )
  return `npm run muster -- COMMAND [options]

${rows.join('\n')}

  COMMAND --help says more. Exit codes: 0 = all is well, 1 = it failed, 2 = the command line does not fit.`
}

/** The command that these words begin with, and the words after it. */
function find(words: readonly string[]): [string, readonly string[]] | undefined {
  for (const count of [2, 1]) {
    const name = words.slice(0, count).join(' ')
    if (Object.hasOwn(commands, name)) return [name, words.slice(count)]
  }
  return undefined
}

async function main(words: readonly string[]): Promise<ExitCode> {
  const found = find(words)
  const wantsHelp = words.includes('--help') || words.includes('-h')
  if (!found) {
    if (wantsHelp) print(usage())
    else say(usage())
    return wantsHelp ? EXIT.ok : EXIT.usage
  }
  const [name, rest] = found
  const command = commands[name]!
  if (wantsHelp) {
    print(`npm run muster -- ${name}: ${command.usage}`)
    return EXIT.ok
  }
  try {
    return await command.run(rest)
  } catch (error) {
    say(`muster ${name}: ${(error as Error).message}`)
    if (!(error instanceof UsageError)) return EXIT.failed
    say(`npm run muster -- ${name} --help says how it is called.`)
    return EXIT.usage
  }
}

// A run that was interrupted may still have something open.
process.exit(await main(process.argv.slice(2)))
