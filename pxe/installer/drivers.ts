/** One line of modules.dep: the file of a module and those it needs, nearest first. */
type Dependencies = Map<string, readonly string[]>

const nameOf = (file: string): string =>
  file
    .replace(/^.*\//, '')
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_')

/** Parses a modules.dep that depmod wrote. */
export const parseDependencies = (text: string): Dependencies =>
  new Map(
    text
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':') as [string, string])
      .map(([file, needs]) => [file, needs.split(' ').filter(Boolean)]),
  )

/** Files of the named modules and of all they need. Names that are not there are built into the kernel. */
export function driverFiles(names: readonly string[], dependencies: Dependencies): string[] {
  const byName = new Map([...dependencies.keys()].map((file) => [nameOf(file), file]))
  const files = names.flatMap((name) => byName.get(nameOf(name)) ?? [])
  // depmod lists indirect needs too.
  return [...new Set(files.flatMap((file) => [file, ...(dependencies.get(file) ?? [])]))].sort()
}

/** Module names in a list with comments. */
export const parseDriverList = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .flatMap((line) => line.split(/\s+/))
    .filter(Boolean)
