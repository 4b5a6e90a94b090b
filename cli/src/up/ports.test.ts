import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { portFrom, requireFreePorts } from './ports.ts'

const VARIABLE = 'MUSTER_TEST_PORT'

function environment(context: TestContext, value: string | undefined): void {
  context.after(() => delete process.env[VARIABLE])
  if (value === undefined) delete process.env[VARIABLE]
  else process.env[VARIABLE] = value
}

async function listening(context: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

for (const [value, port] of [
  [undefined, 8000],
  ['', 8000],
  ['1', 1],
  ['65535', 65_535],
] as const)
  test(`${VARIABLE}=${value} gives port ${port}`, (context) => {
    environment(context, value)
    assert.equal(portFrom(VARIABLE, 8000), port)
  })

for (const value of ['0', '65536', '80.5', 'http', '-1'])
  test(`${VARIABLE}=${value} is refused by name`, (context) => {
    environment(context, value)
    assert.throws(() => portFrom(VARIABLE, 8000), new RegExp(`${VARIABLE} is '${value}'`))
  })

test('a taken port is named with its host and its variable', async (context) => {
  const port = await listening(context)
  await assert.rejects(
    requireFreePorts([port], '127.0.0.1', VARIABLE),
    (error: Error) =>
      error.message.includes(`port ${port} on 127.0.0.1`) && error.message.includes(VARIABLE),
  )
})

test('a free port stays free', async (context) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  await requireFreePorts([port], '127.0.0.1')
  await requireFreePorts([port], '127.0.0.1')
  const again = createServer().listen(port, '127.0.0.1')
  context.after(() => again.close())
  await once(again, 'listening')
})

test('an address of another machine is said to be one', async () => {
  await assert.rejects(requireFreePorts([0], '192.0.2.1'), /192\.0\.2\.1 is not an address of this/)
})
