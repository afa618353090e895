/** The bytes of a body, its transfer encoding (RFC 2045 section 6) undone; an unknown encoding leaves them as they are. */
export function decodeBody(bytes: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64')
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(bytes)
  return bytes
}

const hexDigit = (c: number | undefined): number => {
  if (c === undefined) return -1
  if (c >= 0x30 && c <= 0x39) return c - 0x30
  if (c >= 0x41 && c <= 0x46) return c - 0x37
  if (c >= 0x61 && c <= 0x66) return c - 0x57
  return -1
}

/** RFC 2045 6.7; what is not a valid escape stays as it stands. */
function decodeQuotedPrintable(bytes: Buffer): Buffer {
  if (!bytes.includes(0x3d)) return bytes
  const out = Buffer.allocUnsafe(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i] ?? 0
    if (c !== 0x3d) {
      out[length++] = c
      continue
    }
    const high = hexDigit(bytes[i + 1])
    const low = hexDigit(bytes[i + 2])
    if (high >= 0 && low >= 0) {
      out[length++] = high * 16 + low
      i += 2
    } else if (bytes[i + 1] === 10) {
      i += 1
    } else if (bytes[i + 1] === 13 && bytes[i + 2] === 10) {
      i += 2
    } else {
      out[length++] = c
    }
  }
  return out.subarray(0, length)
}
