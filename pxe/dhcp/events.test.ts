import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BootEvents, refusedIn, sentenceOf } from './events.ts'

const dhcp = (...texts: string[]) => texts.map((text) => `dnsmasq-dhcp[11087]: ${text}`)
const eventsOf = (lines: readonly string[]) => {
  const events = new BootEvents()
  return lines.flatMap((line) => events.read(line) ?? [])
}

const IA32_PROXY = dhcp(
  '13 available DHCP subnet: 10.77.0.2/255.255.255.0',
  '13 vendor class: PXEClient:Arch:00006:UNDI:003016',
  '13 PXE(eth0) 52:54:00:00:00:13 proxy-ignored',
  '13 tags: refused-ia32-uefi, netboot, ia32-uefi, eth0',
)
const IA32_FULL = dhcp(
  '7 vendor class: PXEClient:Arch:00006:UNDI:003016',
  '7 DHCPDISCOVER(eth0) 52:54:00:00:00:13 ignored',
)

test('firmware asks: once for its lines', () => {
  const lines = dhcp(
    '5 vendor class: PXEClient:Arch:00007:UNDI:003016',
    '5 PXE(eth0) 52:54:00:00:00:11 proxy',
    '5 tags: send-snponly-efi, first-efi64, netboot, efi64, eth0',
    '5 next server: 10.77.0.2',
  )
  assert.deepEqual(eventsOf(lines), [{ kind: 'asked', mac: '52:54:00:00:00:11', firmware: 'UEFI' }])
})

test('iPXE asks, while other machines do', () => {
  const lines = dhcp(
    '9 vendor class: PXEClient:Arch:00000:UNDI:002001',
    '8 vendor class: PXEClient:Arch:00007:UNDI:003016',
    '9 user class: iPXE',
    '9 DHCPDISCOVER(eth0) 10.77.0.100 52:54:00:00:00:12 ',
    '8 DHCPDISCOVER(eth0) 52:54:00:00:00:13 ',
  )
  assert.deepEqual(
    eventsOf(lines).map((event) => sentenceOf(event)),
    [
      '52:54:00:00:00:12 asks for network boot (iPXE on BIOS)',
      '52:54:00:00:00:13 asks for network boot (UEFI)',
    ],
  )
})

for (const [mode, lines] of Object.entries({ proxy: IA32_PROXY, full: IA32_FULL }))
  test(`${mode}: 32-bit UEFI is refused, and a person hears what to do`, () => {
    const [event] = eventsOf(lines)
    assert.equal(event?.kind, 'refused')
    assert.match(sentenceOf(event!), /52:54:00:00:00:13 is refused: .*32-bit.*legacy BIOS/)
  })

test('firmware that would be served is refused only as a Raspberry Pi', () => {
  const [event] = eventsOf(
    dhcp(
      '1 vendor class: PXEClient:Arch:00000:UNDI:002001',
      '1 PXE(eth0) b8:27:eb:00:00:01 proxy-ignored',
    ),
  )
  assert.match(sentenceOf(event!), /Raspberry Pi/)
})

test('laptops and installers are no event', () => {
  const lines = dhcp('17 vendor class: MSFT 5.0', '17 DHCPDISCOVER(eth0) 52:54:00:00:00:14 ')
  assert.deepEqual(eventsOf(lines), [])
})

test('TFTP: what was sent, what was not; the search for autoexec.ipxe is no event', () => {
  const lines = [
    'dnsmasq-tftp[1]: error 8 User aborted the transfer received from 10.77.0.100',
    'dnsmasq-tftp[1]: sent /var/lib/muster/boot/tftp/snponly.efi to 10.77.0.100',
    'dnsmasq-tftp[1]: file /var/lib/muster/boot/tftp/autoexec.ipxe not found for 10.77.0.100',
    'dnsmasq-tftp[1]: failed sending /var/lib/muster/boot/tftp/ipxe.pxe to 10.77.0.101',
  ]
  assert.deepEqual(
    eventsOf(lines).map((event) => sentenceOf(event)),
    [
      '10.77.0.100 got snponly.efi',
      'TFTP: failed sending /var/lib/muster/boot/tftp/ipxe.pxe to 10.77.0.101',
    ],
  )
})

test('refused machines, until they ask in a way that is served', () => {
  assert.deepEqual([...refusedIn(IA32_PROXY.join('\n'))], [['52:54:00:00:00:13', 'ia32-uefi']])
  const later = dhcp(
    '21 vendor class: PXEClient:Arch:00000:UNDI:002001',
    '21 PXE(eth0) 52:54:00:00:00:13 proxy',
  )
  assert.deepEqual([...refusedIn([...IA32_PROXY, ...later].join('\n'))], [])
})
