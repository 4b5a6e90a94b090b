import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planText } from './plan.ts'

test('a value of a plan cannot begin another line, whatever is in it', () => {
  const reason = 'a\naction=install\r\u2028disk=wwid:x\u0000'
  assert.equal(
    planText({ action: 'local', reason }),
    'action=local\nreason=a action=install disk=wwid:x \n',
  )
})
