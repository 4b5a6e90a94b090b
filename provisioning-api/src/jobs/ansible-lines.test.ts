import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnsibleReport, failureReason } from './ansible-lines.ts'

const RUN = { name: 'w1', address: '10.0.0.51', sshKey: '/s/id', knownHosts: '/s/known' }
const reasonOf = (exitCode: number, ...lines: string[]) => {
  const report = new AnsibleReport()
  for (const line of lines) report.read(line)
  return failureReason(report, exitCode, RUN)
}
const RECAP =
  'w1                         : ok=3    changed=1    unreachable=0    failed=0    skipped=0'

test('a task line gives the stage', () => {
  const report = new AnsibleReport()
  assert.equal(report.read('TASK [common : Install [x]] ****'), 'common : Install [x]')
  assert.equal(report.read('RUNNING HANDLER [Restart] *****'), 'Restart')
  assert.equal(report.read('ok: [w1]'), undefined)
})

test('a run that did something on the machine went well', () => {
  assert.equal(reasonOf(0, 'TASK [a] ***', RECAP), null)
})

test('a run that touched no machine is a failure', () => {
  assert.match(reasonOf(0, 'skipping: no hosts matched', 'PLAY RECAP ***') ?? '', /no task on w1/)
})

test('unreachable names the address and the key', () => {
  const reason = reasonOf(
    4,
    'fatal: [w1]: UNREACHABLE! => {"changed": false, "msg": "Permission denied (publickey).", "unreachable": true}',
  )
  assert.match(reason ?? '', /10\.0\.0\.51.*Permission denied.*\/s\/id\.pub/)
})

test('a changed host key says how to forget the old one', () => {
  const reason = reasonOf(
    4,
    'fatal: [w1]: UNREACHABLE! => {"msg": "REMOTE HOST IDENTIFICATION HAS CHANGED!"}',
  )
  assert.match(reason ?? '', /ssh-keygen -R 10\.0\.0\.51 -f \/s\/known/)
})

test('a failed task gives its name, message and the end of stderr', () => {
  const reason = reasonOf(
    2,
    'TASK [Install x] ***',
    'fatal: [w1]: FAILED! => {"msg": "non-zero return code", "stderr": "a\\nno such package"}',
  )
  assert.match(reason ?? '', /Task "Install x" failed on w1: non-zero return code: no such package/)
})

test('a failed item counts, an ignored failure does not', () => {
  assert.match(
    reasonOf(2, 'TASK [T] *', 'failed: [w1] (item=a) => {"msg": "bad item"}') ?? '',
    /bad item/,
  )
  const fatal = 'fatal: [w1]: FAILED! => {"msg": "harmless"}'
  assert.doesNotMatch(reasonOf(2, fatal, '...ignoring') ?? '', /harmless/)
})

test('a playbook that cannot be read says so', () => {
  assert.match(reasonOf(1, 'ERROR! the playbook: x could not be found') ?? '', /could not be found/)
  assert.match(reasonOf(1, '[ERROR]: YAML parsing failed') ?? '', /YAML parsing failed/)
  assert.match(reasonOf(9) ?? '', /ended with 9/)
})
