import { stringify } from 'yaml'

type Host = { name: string; address: string; sshKey: string; knownHosts: string }

/** The inventory of one run: one host, so that no caller's string is ever a host pattern. */
export function playbookInventory({ name, address, sshKey, knownHosts }: Host): string {
  const host = {
    ansible_host: address,
    ansible_user: 'root',
    ansible_ssh_private_key_file: sshKey,
    ansible_ssh_common_args: sshArguments(knownHosts),
    ansible_python_interpreter: '/usr/bin/python3',
  }
  const inventory = { all: { children: { worker_nodes: { hosts: { [name]: host } } } } }
  // Every string quoted: plain `yes`, `on` or `1:2:3` are no strings in Ansible's YAML 1.1.
  return stringify(inventory, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 })
}

/** Ansible splits this like a shell, and ssh splits the option's value at blanks once more. */
function sshArguments(knownHosts: string): string {
  const quoted = `'UserKnownHostsFile="${knownHosts.replaceAll("'", `'"'"'`)}"'`
  return `-o StrictHostKeyChecking=accept-new -o IdentitiesOnly=yes -o ConnectTimeout=15 -o ${quoted}`
}
