import { SIEVE_LIMITS } from './limits'
import type { Text, TextPart } from './program'

const ENCODED = /\$\{(hex|unicode):([0-9a-f\s]*)\}/gi
const HEX = /^\s*(?:[0-9a-f]{1,2}\s+)*[0-9a-f]{1,2}\s*$/i
const UNICODE = /^\s*(?:[0-9a-f]{1,6}\s+)*[0-9a-f]{1,6}\s*$/i
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * `${hex:40 41}` and `${unicode:40}` made characters (RFC 5228 2.4.2.4). What only looks like one stays as it is.
 * Null where the result is no text: octets that are not UTF-8, or code points that do not exist.
 */
export function decodeEncoded(text: string): string | null {
  if (!text.includes('${')) return text
  const pieces: Buffer[] = []
  let last = 0
  for (const found of text.matchAll(ENCODED)) {
    const bytes = encodedBytes(found[1]?.toLowerCase() === 'hex', found[2] ?? '')
    if (bytes === null) return null
    if (bytes === undefined) continue
    pieces.push(Buffer.from(text.slice(last, found.index)), bytes)
    last = found.index + found[0].length
  }
  if (last === 0) return text
  pieces.push(Buffer.from(text.slice(last)))
  try {
    // Octets of one character may stand in neighbouring references, so the whole is decoded at once.
    const decoded = strictUtf8.decode(Buffer.concat(pieces))
    return decoded.includes('\0') ? null : decoded
  } catch {
    return null
  }
}

/** Undefined: not a reference by the grammar. Null: one that means no character. */
function encodedBytes(hex: boolean, digits: string): Buffer | null | undefined {
  if (!(hex ? HEX : UNICODE).test(digits)) return undefined
  const codes = digits
    .trim()
    .split(/\s+/)
    .map((code) => Number.parseInt(code, 16))
  if (hex) return Buffer.from(codes)
  if (codes.some((code) => code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))) return null
  return Buffer.from(String.fromCodePoint(...codes))
}

const REFERENCE = /\$\{(?:(\d{1,9})|([a-z_]\w{0,63}(?:\.[a-z_]\w{0,63}){0,3}))\}/gi

/** What a string with variables means, or why it means nothing. */
export type Template = { ok: true; text: Text } | { ok: false; message: string }

/**
 * The references to variables in a string (RFC 5229 3). `namespaces`: those that may be used, in lower case.
 * What does not fit the grammar of a reference stays as it is.
 */
export function parseTemplate(text: string, namespaces: ReadonlySet<string>): Template {
  if (!text.includes('${')) return { ok: true, text }
  const parts: TextPart[] = []
  let last = 0
  for (const found of text.matchAll(REFERENCE)) {
    if (found.index > last) parts.push(text.slice(last, found.index))
    last = found.index + found[0].length
    if (found[1] !== undefined) {
      parts.push({ match: Number(found[1]) })
      continue
    }
    const name = (found[2] ?? '').toLowerCase()
    const namespace = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : ''
    if (namespace !== '' && !namespaces.has(namespace))
      return { ok: false, message: `Unknown namespace "${namespace}" of a variable` }
    parts.push({ variable: name })
  }
  if (parts.length === 0) return { ok: true, text }
  if (last < text.length) parts.push(text.slice(last))
  return { ok: true, text: parts }
}

/** At most `bytes` octets of a string, no character cut in two. */
export function cutBytes(text: string, bytes: number): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text
  const buffer = Buffer.from(text.slice(0, bytes))
  let end = Math.min(bytes, buffer.length)
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--
  return buffer.toString('utf8', 0, end)
}

/** A string with its variables put in; `look` gives '' for a variable that is not set. */
export function expandText(text: Text, look: (part: Exclude<TextPart, string>) => string): string {
  if (typeof text === 'string') return text
  let out = ''
  for (const part of text) {
    out += typeof part === 'string' ? part : look(part)
    if (out.length > SIEVE_LIMITS.stringBytes) break
  }
  return cutBytes(out, SIEVE_LIMITS.stringBytes)
}

/** A name that `set` and `global` may give to a variable (RFC 5229 3). */
export const isVariableName = (name: string): boolean => /^[a-z_]\w{0,63}$/i.test(name)
