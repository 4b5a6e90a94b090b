const TASK = /^(?:TASK|RUNNING HANDLER) \[(.*)\] \**\s*$/
const FATAL = /^(?:fatal|failed): \[[^\]]*\](?:: (UNREACHABLE|FAILED)!|.*?) => (.*)$/
const ERROR = /^(?:ERROR! |\[ERROR\]: )(.*)$/
const RECAP = /^(\S+)\s+: ok=(\d+)\s+changed=\d+\s+unreachable=(\d+)\s+failed=(\d+)/

type Problem = { kind: 'unreachable' | 'failed'; task: string | null; message: string }

/** What the lines of one ansible-playbook run said so far. */
export class AnsibleReport {
  task: string | null = null
  problem: Problem | null = null
  error: string | null = null
  /** Tasks that went well, by the recap; null when the host is not in it. */
  okTasks: number | null = null

  /** Takes one line; returns the task's name when the line starts one. */
  read(line: string): string | undefined {
    const task = TASK.exec(line)?.[1]
    if (task !== undefined) {
      this.task = task
      return task
    }
    const fatal = FATAL.exec(line)
    if (fatal) this.problem = problemOf(fatal[1], this.task, fatal[2] ?? '')
    else if (line.startsWith('...ignoring')) this.problem = null
    else this.#readRest(line)
    return undefined
  }

  #readRest(line: string): void {
    this.error ??= ERROR.exec(line)?.[1] ?? null
    const recap = RECAP.exec(line)
    if (recap) this.okTasks = (this.okTasks ?? 0) + Number(recap[2])
  }
}

function problemOf(kind: string | undefined, task: string | null, json: string): Problem {
  return {
    kind: kind === 'UNREACHABLE' ? 'unreachable' : 'failed',
    task,
    message: messageOf(json),
  }
}

/** The result's `msg`, and the last line of stderr where `msg` alone says nothing. */
function messageOf(json: string): string {
  try {
    const result = JSON.parse(json) as { msg?: unknown; stderr?: unknown }
    const message = typeof result.msg === 'string' ? result.msg : json
    const stderr = typeof result.stderr === 'string' ? result.stderr.trim().split('\n').at(-1) : ''
    return short(stderr ? `${message}: ${stderr}` : message)
  } catch {
    return short(json)
  }
}

const short = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 500)

type Run = { name: string; address: string; sshKey: string; knownHosts: string }

/** Why a run failed and what to do, or null when it went well on the machine. */
export function failureReason(report: AnsibleReport, exitCode: number | undefined, run: Run) {
  if (exitCode === 0)
    return report.okTasks
      ? null
      : `The playbook ran no task on ${run.name}: none of its plays names the group worker_nodes. Repair the playbook, then run again.`
  if (report.problem?.kind === 'unreachable') return unreachable(report.problem.message, run)
  if (report.problem)
    return `Task "${report.problem.task ?? 'unknown'}" failed on ${run.name}: ${report.problem.message}. The log has the rest; repair that, then run again.`
  if (report.error)
    return `Ansible could not run the playbook: ${report.error}. Repair it, then run again.`
  return `ansible-playbook ended with ${exitCode ?? 'a signal'} without saying why. Read the end of the log, then run again.`
}

function unreachable(message: string, { name, address, sshKey, knownHosts }: Run): string {
  if (/host identification has changed|host key verification failed/i.test(message))
    return `${name} at ${address} shows another SSH host key than before. If it was installed anew: ssh-keygen -R ${address} -f ${knownHosts}, then run again.`
  return `${name} does not let us in by SSH at ${address}: ${message}. Check that it is on and that root there has ${sshKey}.pub in ~/.ssh/authorized_keys, then run again.`
}
