const CR = 13
const LF = 10

/**
 * Is there a CR without LF after it, or an LF without CR before it? Such bytes are how one program is made to see a
 * message's end where another does not (SMTP smuggling, reliability S-01; RFC 5321 2.3.8 forbids them).
 */
export function hasBareLineBreak(raw: Buffer): boolean {
  // One loop rather than a native search per line: 50 MB of empty lines would cost seconds of calls.
  let previous = 0
  for (let i = 0; i < raw.length; i++) {
    const c = raw[i] ?? 0
    if (c === LF ? previous !== CR : previous === CR) return true
    previous = c
  }
  return previous === CR
}

/** `raw` with every line break as CRLF: a bare CR or LF becomes one. The same buffer when there was none. */
export function toCrlf(raw: Buffer): Buffer {
  if (!hasBareLineBreak(raw)) return raw
  let bare = 0
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === CR && raw[i + 1] === LF) i++
    else if (raw[i] === CR || raw[i] === LF) bare++
  }
  const out = Buffer.allocUnsafe(raw.length + bare)
  let length = 0
  for (let i = 0; i < raw.length; i++) {
    const c = raw[i] ?? 0
    if (c === CR || c === LF) {
      if (c === CR && raw[i + 1] === LF) i++
      out[length++] = CR
      out[length++] = LF
    } else {
      out[length++] = c
    }
  }
  return out
}
