import type { Hardware, Nic } from '@muster/provisioning-api/contract/hardware.ts'
import { contentsText, diskText } from '../disks.ts'
import { count, memory } from '../text.ts'

/** What the live system found in a machine. */
export function HardwareTable({ hardware }: { hardware: Hardware }) {
  const { cpu, firmware, memory_mb, product, disks, nics } = hardware
  const made = [product.vendor, product.name].filter(Boolean).join(' ')
  return (
    <dl class="hardware">
      <Row title="Product">{made || 'not told by its firmware'}</Row>
      <Row title="Processor">
        {cpu.model}, {count(cpu.cores, 'core')}
      </Row>
      <Row title="llama.cpp">variant {cpu.variant}</Row>
      <Row title="Memory">{memory(memory_mb)}</Row>
      <Row title="Firmware">{firmware === 'uefi' ? 'UEFI' : 'BIOS'}</Row>
      <Row title="Disks">
        <List
          items={disks.map((disk) => `${diskText(disk)}. On it: ${contentsText(disk)}.`)}
          none="none found"
        />
      </Row>
      <Row title="Network">
        <List items={nics.map(nicText)} none="none found" />
      </Row>
    </dl>
  )
}

type RowProps = { title: string; children: preact.ComponentChildren }

const Row = ({ title, children }: RowProps) => (
  <div>
    <dt>{title}</dt>
    <dd>{children}</dd>
  </div>
)

function List({ items, none }: { items: readonly string[]; none: string }) {
  if (items.length === 0) return <>{none}</>
  return (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  )
}

function nicText({ name, mac, driver, link, mbps }: Nic): string {
  const speed = link ? (mbps ? `${mbps} Mbit/s` : 'connected') : 'no cable'
  return `${name}: ${mac}, ${driver || 'no driver'}, ${speed}`
}
