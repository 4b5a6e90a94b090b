import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMacs } from './macs.ts'

test('MAC addresses are read in any writing, each once, and what is none is told', () => {
  assert.deepEqual(readMacs(' 52-54-00-AB-CD-01\n52:54:00:ab:cd:01, 52:54:00:ab:cd:02\n\n'), {
    macs: ['52:54:00:ab:cd:01', '52:54:00:ab:cd:02'],
    wrong: [],
  })
  assert.deepEqual(readMacs('nonsense 01:00:5e:00:00:01').wrong, ['nonsense', '01:00:5e:00:00:01'])
})
