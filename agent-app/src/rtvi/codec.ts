/** Bytes of RTVI over WebSocket: protobuf `Frame { message = 4: MessageFrame { data = 1: string } }`. */
const FRAME_MESSAGE = 0x22
const MESSAGE_DATA = 0x0a
const LENGTH_DELIMITED = 2
const MAX_VARINT_BYTES = 5

export const encode = (message: object): Buffer =>
  field(FRAME_MESSAGE, field(MESSAGE_DATA, Buffer.from(JSON.stringify(message))))

/**
 * The JSON value inside a frame, still untrusted; undefined for frames of other kinds (audio, text).
 * Throws RangeError for bytes that are no frame, SyntaxError for text that is no JSON.
 */
export function decode(bytes: Buffer): unknown {
  const message = take(bytes, FRAME_MESSAGE)
  const data = message && take(message, MESSAGE_DATA)
  return data && JSON.parse(data.toString('utf8'))
}

const field = (tag: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([tag]), varint(body.length), body])

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

/** The bytes of the last field with this tag; other length-delimited fields are skipped. */
function take(bytes: Buffer, tag: number): Buffer | undefined {
  let found: Buffer | undefined
  for (let at = 0; at < bytes.length; ) {
    const [key, afterKey] = readVarint(bytes, at)
    const [size, start] = readVarint(bytes, afterKey)
    if ((key & 7) !== LENGTH_DELIMITED || start + size > bytes.length)
      throw new RangeError('not an RTVI frame')
    if (key === tag) found = bytes.subarray(start, start + size)
    at = start + size
  }
  return found
}

function readVarint(bytes: Buffer, from: number): [value: number, next: number] {
  let value = 0
  let scale = 1
  for (let at = from; at < bytes.length && at < from + MAX_VARINT_BYTES; at += 1) {
    const byte = bytes[at]!
    value += (byte & 127) * scale
    if (byte < 128) return [value, at + 1]
    scale *= 128
  }
  throw new RangeError('not an RTVI frame')
}
