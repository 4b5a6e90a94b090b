import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * Puts a program named ansible-playbook into `<folder>/bin`: it appends a line to `<folder>/runs`, runs
 * `behaviour` (bash; `$name` is the host of the inventory it was given) and prints a recap of one good task.
 * @returns the folder for the front of PATH
 */
export async function FakeAnsible(folder: string, behaviour = ''): Promise<string> {
  const bin = path.join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  const program = path.join(bin, 'ansible-playbook')
  const script = `#!/bin/bash
name=$(sed -n '5s/^ *"\\(.*\\)":$/\\1/p' "$2")
echo "$name $$" >> '${folder}/runs'
echo 'TASK [fake task] ****'
${behaviour}
echo "$name : ok=1    changed=0    unreachable=0    failed=0"
`
  await writeFile(program, script)
  await chmod(program, 0o755)
  return bin
}
