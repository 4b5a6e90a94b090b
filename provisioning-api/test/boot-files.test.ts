import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { bootFiles } from '@muster/base/state.ts'
import { bootLab } from './boot-lab.ts'

test('kernels, images and packages are served, whole and in ranges', async (t) => {
  const { app, state } = await bootLab(t)
  const { www, debian } = bootFiles(state)
  await mkdir(path.join(www, 'image'), { recursive: true })
  await mkdir(path.join(debian, 'pool/main/libs++/l'), { recursive: true })
  await writeFile(path.join(www, 'image/a.raw.zst'), '0123456789')
  await writeFile(path.join(debian, 'pool/main/libs++/l/x_1.2~rc+b1_amd64.udeb'), 'udeb')
  const image = await app.inject({ url: '/boot/files/image/a.raw.zst' })
  assert.deepEqual([image.statusCode, image.body], [200, '0123456789'])
  assert.equal(image.headers['accept-ranges'], 'bytes')
  const range = { range: 'bytes=4-6' }
  const part = await app.inject({ url: '/boot/files/image/a.raw.zst', headers: range })
  assert.deepEqual([part.statusCode, part.body], [206, '456'])
  assert.equal(part.headers['content-range'], 'bytes 4-6/10')
  const beyond = { range: 'bytes=50-' }
  const none = await app.inject({ url: '/boot/files/image/a.raw.zst', headers: beyond })
  assert.equal(none.statusCode, 416)
  const head = await app.inject({ method: 'HEAD', url: '/boot/files/image/a.raw.zst' })
  assert.deepEqual([head.statusCode, head.headers['content-length']], [200, '10'])
  const udeb = await app.inject({ url: '/debian/pool/main/libs++/l/x_1.2~rc+b1_amd64.udeb' })
  assert.equal(udeb.body, 'udeb')
})

test('nothing outside of the two folders is served, nor folders, nor dot files', async (t) => {
  const { app, state } = await bootLab(t)
  const { www, debian, folder } = bootFiles(state)
  await mkdir(path.join(www, 'sub'), { recursive: true })
  await mkdir(debian, { recursive: true })
  await writeFile(path.join(www, '.hidden'), 'x')
  await writeFile(path.join(folder, 'secret'), 'x')
  await symlink('/etc', path.join(www, 'sub/.etc'))
  for (const place of [
    '../secret',
    '..%2fsecret',
    '%2e%2e/secret',
    'sub/../../secret',
    'sub/%2e%2e/%2e%2e/manifest.json',
    '..\\secret',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '.hidden',
    'sub',
    'sub/',
    'sub/.etc/passwd',
    'a%00b',
    'a//b',
    '',
  ])
    for (const base of ['/boot/files/', '/debian/']) {
      const { statusCode, body } = await app.inject({ url: `${base}${place}` })
      assert.equal(statusCode, 404, base + place)
      assert.match(body, /Not Found/)
    }
})
