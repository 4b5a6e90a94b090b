import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { ensureAuthority, ensureCertificate, issue } from './certificates.ts'
import { presentBinary, skipWithout } from './test-binary.ts'

const ADDRESS = '10.77.0.1'

for (const name of ['consul', 'nomad'] as const) {
  const binary = await presentBinary(name)
  const options = { skip: skipWithout(name, binary) }

  const place = async (context: TestContext) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'muster-tls-test-'))
    context.after(() => rm(folder, { recursive: true, force: true }))
    const at = (file: string) => path.join(folder, 'ca', file)
    return { folder, authority: { binary: binary!, name, ca: at('ca.pem'), caKey: at('key.pem') } }
  }

  test(`${name}: the authority is made once and is private`, options, async (context) => {
    const { authority } = await place(context)
    await ensureAuthority(authority)
    const first = await readFile(authority.ca, 'utf8')
    await ensureAuthority(authority)
    assert.equal(await readFile(authority.ca, 'utf8'), first)
    assert.equal((await stat(authority.caKey)).mode & 0o777, 0o600)
    assert.ok(new X509Certificate(first).ca)
  })

  test(
    `${name}: a crash between certificate and key makes both again`,
    options,
    async (context) => {
      const { authority } = await place(context)
      await ensureAuthority(authority)
      const lost = await readFile(authority.ca, 'utf8')
      await unlink(authority.caKey)
      await ensureAuthority(authority)
      const ca = new X509Certificate(await readFile(authority.ca))
      assert.notEqual(ca.toString(), new X509Certificate(lost).toString())
      const { cert } = await issue(authority, 'client')
      assert.ok(new X509Certificate(cert).verify(ca.publicKey))
    },
  )

  test(
    `${name}: a server's certificate names its address, a client's does not`,
    options,
    async (context) => {
      const { authority } = await place(context)
      await ensureAuthority(authority)
      const server = new X509Certificate((await issue(authority, { server: [ADDRESS] })).cert)
      const client = new X509Certificate((await issue(authority, 'client')).cert)
      assert.equal(server.checkIP(ADDRESS), ADDRESS)
      assert.equal(client.checkIP(ADDRESS), undefined)
      const ca = new X509Certificate(await readFile(authority.ca))
      for (const certificate of [server, client]) assert.ok(certificate.verify(ca.publicKey))
      const serverName = name === 'consul' ? 'server.dc1.consul' : 'server.global.nomad'
      assert.equal(server.checkHost(serverName), serverName)
      assert.equal(client.checkHost(serverName), undefined)
    },
  )

  test(
    `${name}: an agent keeps its certificate until its address changes`,
    options,
    async (context) => {
      const { authority, folder } = await place(context)
      await ensureAuthority(authority)
      const agent = path.join(folder, 'agent')
      let made = 0
      const ensure = (address: string) =>
        ensureCertificate(agent, address, () => {
          made += 1
          return issue(authority, { server: [address] })
        })
      await ensure(ADDRESS)
      await ensure(ADDRESS)
      assert.equal(made, 1)
      await ensure('10.77.0.2')
      assert.equal(made, 2)
      await unlink(path.join(agent, 'key.pem'))
      await ensure('10.77.0.2')
      assert.equal(made, 3)
      const cert = new X509Certificate(await readFile(path.join(agent, 'cert.pem')))
      assert.equal(cert.checkIP('10.77.0.2'), '10.77.0.2')
      assert.equal((await stat(path.join(agent, 'key.pem'))).mode & 0o777, 0o600)
    },
  )
}
