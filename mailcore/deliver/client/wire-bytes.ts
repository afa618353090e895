const CR = 13
const LF = 10

/**
 * A message as it may stand on the wire: every line ends with CRLF, there is no bare CR, bare LF or NUL in it (RFC 5321 2.3.8, 4.5.2), and so nothing a
 * neighbour could take for the end of the data (S-02). The very same buffer where nothing had to change.
 */
export function canonicalBytes(raw: Buffer): Buffer {
  if (isCanonical(raw)) return raw
  const out = Buffer.allocUnsafe(raw.length * 2 + 2)
  let at = 0
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0
    if (byte === 0) continue
    if (byte === CR || byte === LF) {
      out[at++] = CR
      out[at++] = LF
      if (byte === CR && raw[i + 1] === LF) i++
    } else out[at++] = byte
  }
  if (at > 0 && out[at - 1] !== LF) {
    out[at++] = CR
    out[at++] = LF
  }
  return out.subarray(0, at)
}

function isCanonical(raw: Buffer): boolean {
  if (raw.includes(0)) return false
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) if (raw[at - 1] !== CR) return false
  for (let at = raw.indexOf(CR); at >= 0; at = raw.indexOf(CR, at + 1)) if (raw[at + 1] !== LF) return false
  return raw.length === 0 || raw[raw.length - 1] === LF
}

const LINE_DOT = Buffer.from('\r\n.')
const DOT = Buffer.from('.')
const END = Buffer.from('.\r\n')

/** A canonical message with dots doubled at the beginnings of lines and the final dot (RFC 5321 4.5.2), as pieces to write one after another. */
export function dataPieces(message: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  if (message[0] === DOT[0]) pieces.push(DOT)
  let from = 0
  for (let at = message.indexOf(LINE_DOT); at >= 0; at = message.indexOf(LINE_DOT, at + 2)) {
    pieces.push(message.subarray(from, at + 3), DOT)
    from = at + 3
  }
  pieces.push(message.subarray(from), END)
  return pieces
}

/** Does it hold a byte beyond ASCII (RFC 6152)? */
export function hasEightBit(message: Buffer): boolean {
  for (let i = 0; i < message.length; i++) if ((message[i] ?? 0) > 127) return true
  return false
}
