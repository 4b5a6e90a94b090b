import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode, encode } from './codec.ts'
import { Sentences } from './sentences.ts'

const message = { label: 'rtvi-ai', type: 'bot-llm-started' }

describe('RTVI codec', () => {
  it('writes the bytes the official client reads', () => {
    const bytes = encode(message)
    assert.equal(bytes.length, 48)
    assert.equal(bytes.subarray(0, 6).toString('hex'), '222e0a2c7b22')
    assert.equal(bytes.at(-1), 0x7d)
  })

  it('reads back what it wrote, long and not ASCII too', () => {
    for (const text of ['', 'grüße ☃', 'x'.repeat(300_000)])
      assert.deepEqual(decode(encode({ ...message, data: { text } })), {
        ...message,
        data: { text },
      })
  })

  it('skips audio and refuses bytes that are no frame', () => {
    assert.equal(decode(Buffer.from([0x12, 0x02, 0x1a, 0x00])), undefined)
    for (const hex of ['ff', '22ff', '22ffffffffff', '2205', '220400'])
      assert.throws(() => decode(Buffer.from(hex, 'hex')), RangeError)
    assert.throws(() => decode(Buffer.from('22030a017b', 'hex')), SyntaxError)
  })
})

describe('sentences', () => {
  it('cuts at sentence ends followed by white space, whatever the pieces', () => {
    const sentences = new Sentences()
    const found = ['Version 1.2 is', ' out. Try', ' it! ', 'Now'].flatMap((each) =>
      sentences.add(each),
    )
    assert.deepEqual(found, ['Version 1.2 is out.', 'Try it!'])
    assert.deepEqual(sentences.rest(), ['Now'])
    assert.deepEqual(sentences.rest(), [])
  })
})
