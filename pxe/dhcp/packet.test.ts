import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DhcpPacket, decodePacket, encodePacket, NO_ADDRESS, textOf } from './packet.ts'

const discover: DhcpPacket = {
  type: 'discover',
  transaction: 0xdeadbeef,
  mac: '52:54:00:12:34:56',
  broadcast: true,
  ciaddr: NO_ADDRESS,
  yiaddr: NO_ADDRESS,
  siaddr: NO_ADDRESS,
  sname: '',
  file: '',
  options: new Map([
    [60, Buffer.from('PXEClient:Arch:00007:UNDI:003016')],
    [93, Buffer.of(0, 7)],
  ]),
}
const offer: DhcpPacket = {
  ...discover,
  type: 'offer',
  broadcast: false,
  ciaddr: '10.0.0.9',
  yiaddr: '10.0.0.100',
  siaddr: '10.0.0.1',
  sname: 'boot',
  file: 'snponly.efi',
  options: new Map([[54, Buffer.of(10, 0, 0, 1)]]),
}

for (const packet of [discover, offer])
  test(`${packet.type}: what was written is read`, () => {
    assert.deepEqual(decodePacket(encodePacket(packet)), packet)
  })

test('a packet as RFC 2131 draws it', () => {
  const bytes = encodePacket(discover)
  assert.equal(bytes.length, 300)
  assert.equal(bytes.subarray(0, 12).toString('hex'), '01010600deadbeef00008000')
  assert.equal(bytes.subarray(28, 44).toString('hex'), '52540012345600000000000000000000')
  assert.equal(bytes.subarray(236, 243).toString('hex'), '63825363350101')
  assert.equal(encodePacket(offer)[0], 2)
})

/** A packet with these bytes after the cookie and in the field `file`. */
function withOptions(options: readonly number[], file: readonly number[] = []): Buffer {
  const bytes = Buffer.concat([encodePacket(offer).subarray(0, 240), Buffer.from(options)])
  bytes.fill(0, 44, 236)
  bytes.set(file, 108)
  return bytes
}

test('an option in two pieces is one', () => {
  const read = decodePacket(withOptions([53, 1, 2, 67, 2, 97, 98, 0, 67, 2, 99, 0, 255]))
  assert.equal(textOf(read!.options.get(67)!), 'abc')
})

test('options that go on in the field of the boot file are read, and are no boot file', () => {
  const read = decodePacket(withOptions([53, 1, 2, 52, 1, 1, 255], [43, 2, 6, 1, 255]))
  assert.equal(Buffer.from(read!.options.get(43)!).toString('hex'), '0601')
  assert.equal(read!.file, '')
})

test('what ends too early is read as far as it goes', () => {
  const read = decodePacket(withOptions([53, 1, 2, 67, 200, 97]))
  assert.equal(textOf(read!.options.get(67)!), 'a')
})

for (const [what, bytes] of Object.entries({
  'too short': Buffer.alloc(100),
  'no cookie': Buffer.alloc(300),
  'no type': withOptions([60, 1, 65, 255]),
  'a type of another protocol': withOptions([53, 1, 13, 255]),
}))
  test(`no packet: ${what}`, () => {
    assert.equal(decodePacket(bytes), undefined)
  })
