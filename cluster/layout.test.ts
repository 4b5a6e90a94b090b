import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterFiles } from './layout.ts'

const leaves = (value: object): string[] =>
  Object.values(value).flatMap((each) => (typeof each === 'string' ? [each] : leaves(each)))

test('every file of the cluster is below <state>/cluster and none is named twice', () => {
  const files = leaves(clusterFiles('/s'))
  for (const file of files) assert.ok(file.startsWith('/s/cluster'), file)
  assert.equal(new Set(files).size, files.length)
})
