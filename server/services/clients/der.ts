/** Distinguished encoding (X.690) of the few types that a signature needs, and as much reading as takes issuer and serial out of a certificate. */

const element = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag), lengthOf(content.length), content])

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.from([0x80 | bytes.length, ...bytes])
}

export const sequence = (...parts: Buffer[]): Buffer => element(0x30, Buffer.concat(parts))
/** The parts in the order that X.690 11.6 asks for. */
export const setOf = (...parts: Buffer[]): Buffer => element(0x31, Buffer.concat(parts.toSorted(Buffer.compare)))
export const smallInteger = (n: number): Buffer => element(0x02, Buffer.of(n))
export const octets = (content: Buffer): Buffer => element(0x04, content)
export const nothing = (): Buffer => element(0x05, Buffer.alloc(0))
/** [n], constructed: explicit around an element, or implicit in the place of a SET's tag. */
export const tagged = (n: number, content: Buffer): Buffer => element(0xa0 | n, content)

/** An object identifier from its dotted text. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc % 128]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80)
    bytes.push(...groups)
  }
  return element(0x06, Buffer.from(bytes))
}

/** The element that begins at `at`: whole, and where its content begins. Throws RangeError when it goes beyond the buffer. */
export function readElement(bytes: Buffer, at: number): { tag: number; whole: Buffer; contentAt: number; end: number } {
  const short = bytes.readUInt8(at + 1)
  const many = short < 128 ? 0 : short & 0x7f
  const length = many === 0 ? short : bytes.readUIntBE(at + 2, many)
  const contentAt = at + 2 + many
  const end = contentAt + length
  if (end > bytes.length) throw new RangeError('The element is cut off.')
  return { tag: bytes.readUInt8(at), whole: bytes.subarray(at, end), contentAt, end }
}
