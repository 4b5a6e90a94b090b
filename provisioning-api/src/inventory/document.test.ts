import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MusterError } from '@muster/base/errors.ts'
import { parse } from 'yaml'
import { withHost } from './document.ts'

const WRITTEN = `# kept by hand
all:
  vars: { site: home } # one line
  children:
    workers:
      vars:
        ansible_user: admin
    worker_nodes:
      hosts:
        old:
          ansible_host: 10.0.0.9 # the first one
          mac_address: "52:54:00:12:34:56"
    controller_nodes:
      hosts:
        192.168.1.225:
secret: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  3132
`

test('an empty file gets the skeleton', () => {
  const skeleton = `all:
  children:
    worker_nodes:
      hosts:
        w1:
          ansible_host: 10.0.0.51
`
  assert.equal(withHost('', 'w1', '10.0.0.51'), skeleton)
  assert.equal(withHost('---\n', 'w1', '10.0.0.51').replace('---\n', ''), skeleton)
})

test('comments, order, unknown groups and variables stay', () => {
  const text = withHost(WRITTEN, 'w1', '10.0.0.51')
  const expected = WRITTEN.replace(
    '    controller_nodes:',
    '        w1:\n          ansible_host: 10.0.0.51\n    controller_nodes:',
  )
  assert.equal(text, expected)
})

test('a known host keeps its variables and follows its address; the same address changes nothing', () => {
  const text = withHost(WRITTEN, 'old', '10.0.0.10')
  assert.deepEqual(parse(text, { logLevel: 'silent' }).all.children.worker_nodes.hosts.old, {
    ansible_host: '10.0.0.10',
    mac_address: '52:54:00:12:34:56',
  })
  assert.match(text, /# the first one/)
  assert.equal(withHost(WRITTEN, 'old', '10.0.0.9'), WRITTEN)
})

test('empty groups and hosts are empty maps', () => {
  for (const text of [
    'all:\n',
    'all:\n  children:\n    worker_nodes:\n',
    'all:\n  children:\n    worker_nodes:\n      hosts: null\n',
    'all:\n  children:\n    worker_nodes:\n      hosts: {}\n',
    'all:\n  children:\n    worker_nodes:\n      hosts:\n        w1:\n',
  ])
    assert.deepEqual(parse(withHost(text, 'w1', '10.0.0.1')), {
      all: { children: { worker_nodes: { hosts: { w1: { ansible_host: '10.0.0.1' } } } } },
    })
})

test('what Ansible would read as a boolean or a number is quoted', () => {
  for (const name of ['yes', 'no', 'on', 'off', 'y', 'n', 'true', 'null']) {
    const read = parse(withHost('', name, '1:2:3:4:5:6:7:8'), { version: '1.1' })
    assert.deepEqual(read.all.children.worker_nodes.hosts, {
      [name]: { ansible_host: '1:2:3:4:5:6:7:8' },
    })
  }
})

test('a file that is no inventory is refused', () => {
  for (const text of [
    '- a\n',
    'all: [1]\n',
    'all: {children: x}\n',
    'a: b: c\n',
    'all:\n  children:\n    worker_nodes:\n      hosts:\n        w1: text\n',
  ])
    assert.throws(
      () => withHost(text, 'w1', '10.0.0.1'),
      (error: unknown) => error instanceof MusterError && error.code === 'inventory-unreadable',
    )
})
