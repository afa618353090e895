import { LIMITS } from '#lib/limits'
import { decodeText, guessText } from './charset'

/** One field of a header block, as offsets into `Header.text`. */
export interface Field {
  /** Lower case */
  name: string
  start: number
  /** After the colon */
  valueStart: number
  /** After the line break of its last line */
  end: number
}

/** A header block, read from bytes. `text` holds one character per byte (latin1), so offsets are byte offsets too. */
export interface Header {
  text: string
  fields: Field[]
  /** Offset in the message of the first byte of the body (the end, where there is no body) */
  bodyStart: number
}

const CR = 13
const LF = 10

/**
 * Where the header block of `raw[start, end)` ends and its body starts (RFC 5322 2.1). Bare LF counts as a line break,
 * since APPENDed mail may hold some.
 */
function findBody(raw: Buffer, start: number, end: number): { headEnd: number; bodyStart: number } {
  if (raw[start] === LF && start < end) return { headEnd: start, bodyStart: start + 1 }
  if (raw[start] === CR && raw[start + 1] === LF && start + 1 < end) return { headEnd: start, bodyStart: start + 2 }
  const region = start === 0 && end === raw.length ? raw : raw.subarray(start, end)
  const crlf = region.indexOf('\n\r\n', 0, 'latin1')
  const before = crlf < 0 ? region : region.subarray(0, crlf + 1)
  const lf = before.indexOf('\n\n', 0, 'latin1')
  if (lf >= 0) return { headEnd: start + lf + 1, bodyStart: start + lf + 2 }
  if (crlf >= 0) return { headEnd: start + crlf + 1, bodyStart: start + crlf + 3 }
  return { headEnd: end, bodyStart: end }
}

/** Reads the header block that starts at `start`. Fields beyond `LIMITS.headerBytes` are left out (P-04). Never throws. */
export function readHeader(raw: Buffer, start = 0, end: number = raw.length): Header {
  const { headEnd, bodyStart } = findBody(raw, start, end)
  const text = raw.toString('latin1', start, Math.min(headEnd, start + LIMITS.headerBytes))
  return { text, fields: readFields(text), bodyStart }
}

/** The fields of a header block in order. Lines that belong to no field are skipped. Linear: each character is seen once. */
export function readFields(text: string): Field[] {
  const fields: Field[] = []
  let position = 0
  while (position < text.length) {
    const start = position
    let lineEnd = text.indexOf('\n', position)
    if (lineEnd < 0) lineEnd = text.length - 1
    const colon = colonWithin(text, start, lineEnd)
    position = lineEnd + 1
    while (position < text.length && (text.charCodeAt(position) === 32 || text.charCodeAt(position) === 9)) {
      const next = text.indexOf('\n', position)
      position = next < 0 ? text.length : next + 1
    }
    if (colon <= start) continue
    fields.push({
      name: trimBytes(text.slice(start, colon)).toLowerCase(),
      start,
      valueStart: colon + 1,
      end: position,
    })
  }
  return fields
}

/** The colon of the field whose first line is `text[start, lineEnd]`, or -1. Stops at the line's end (P-04). */
function colonWithin(text: string, start: number, lineEnd: number): number {
  for (let i = start; i <= lineEnd; i++) {
    const c = text.charCodeAt(i)
    if (c === 58) return i
    if (c < 32 || ((c === 32 || c === 9) && i === start)) return -1
  }
  return -1
}

/** White space of ASCII off both ends. `trim` would take a byte 0xA0 too, and with it half of a UTF-8 letter. */
export function trimBytes(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

const isSpace = (c: number): boolean => c === 32 || (c >= 9 && c <= 13)

/** A field's value on one line (RFC 5322 2.2.3), trimmed; still one character per byte. */
export const unfold = (value: string): string =>
  trimBytes(value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]+/g, '') : value)

export const fieldValue = (header: Header, field: Field): string =>
  unfold(header.text.slice(field.valueStart, field.end))

/** The first field called `name` (lower case), unfolded, one character per byte; undefined where there is none. */
export function firstValue(header: Header, name: string): string | undefined {
  for (const field of header.fields) if (field.name === name) return fieldValue(header, field)
  return undefined
}

/** All fields called `name` (lower case), in order. */
export const allValues = (header: Header, name: string): string[] =>
  header.fields.filter((field) => field.name === name).map((field) => fieldValue(header, field))

/** The first field called `name` as text to show: encoded words decoded. */
export function fieldText(header: Header, name: string): string | undefined {
  const value = firstValue(header, name)
  return value === undefined ? undefined : decodeWords(value)
}

/** RFC 2047 section 2; spaces inside the text are let through because much software leaves them in. Each run ends at a `?`, so matching is linear. */
const WORD = /=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bqBQ])\?([^?]*)\?=/g

/**
 * A header value (one character per byte) with its encoded words decoded. White space between two of them goes
 * (RFC 2047 6.2), and the bytes of neighbours in one charset are joined first, since many mailers split a character.
 */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return guessText(Buffer.from(value, 'latin1'))
  let out = ''
  let last = 0
  let charset = ''
  let pending: Buffer[] = []
  const flush = () => {
    if (pending.length > 0) out += decodeText(Buffer.concat(pending), charset)
    pending = []
  }
  for (const match of value.matchAll(WORD)) {
    const between = value.slice(last, match.index)
    const name = (match[1] ?? '').toLowerCase()
    const touching = pending.length > 0 && trimBytes(between) === ''
    if (!touching || name !== charset) flush()
    if (!touching) out += guessText(Buffer.from(between, 'latin1'))
    charset = name
    pending.push(wordBytes(match[2] ?? 'q', match[3] ?? ''))
    last = match.index + match[0].length
  }
  flush()
  return out + guessText(Buffer.from(value.slice(last), 'latin1'))
}

function wordBytes(encoding: string, text: string): Buffer {
  if (encoding === 'b' || encoding === 'B') return Buffer.from(text, 'base64')
  const plain = text
    .replaceAll('_', ' ')
    .replace(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(plain, 'latin1')
}
