/** A structured field value, such as Content-Type: RFC 2045 5.1. One character per byte. */
export interface Structured {
  /** What stands before the first semicolon, lower case, comments removed */
  value: string
  /** Names in lower case, values unquoted, in order, continuations (RFC 2231) still apart */
  params: [name: string, value: string][]
}

/** Parameters read of one field: honest mail has under ten, CVE-2026-27859 sent thousands. */
const PARAMS_MOST = 64
/** Bytes read of one structured field. */
const FIELD_BYTES = 64 * 1024

/** Reads `value; name=value; ...` with quoted strings and comments. Linear, never throws. */
export function parseStructured(value: string): Structured {
  const text = value.length > FIELD_BYTES ? value.slice(0, FIELD_BYTES) : value
  const parts: Segment[] = []
  let i = 0
  while (i < text.length && parts.length <= PARAMS_MOST) {
    const segment = readSegment(text, i)
    parts.push(segment)
    i = segment.next
  }
  const params: [string, string][] = []
  for (const part of parts.slice(1)) {
    if (part.name !== null && part.name !== '') params.push([part.name.toLowerCase(), part.text])
  }
  const first = parts[0]
  return { value: first && first.name === null ? first.text.toLowerCase() : '', params }
}

interface Segment {
  /** What stood before `=`; null where there was none */
  name: string | null
  text: string
  next: number
}

/** One segment up to its semicolon. White space around tokens goes; inside quotes it stays. */
function readSegment(text: string, from: number): Segment {
  let name: string | null = null
  let out = ''
  let i = from
  while (i < text.length) {
    const c = text.charAt(i)
    if (c === ';') break
    if (c === '"') {
      const end = quotedEnd(text, i)
      out += text.slice(i + 1, end).replace(/\\(.)/g, '$1')
      i = end + 1
    } else if (c === '(') {
      i = commentEnd(text, i)
    } else if (c === '=' && name === null) {
      name = out
      out = ''
      i++
    } else if (c === ' ' || c === '\t') {
      i++
    } else {
      const start = i++
      while (i < text.length && !'; \t"(='.includes(text.charAt(i))) i++
      out += text.slice(start, i)
    }
  }
  return { name, text: out, next: i + 1 }
}

function quotedEnd(text: string, from: number): number {
  let i = from + 1
  while (i < text.length && text.charAt(i) !== '"') i += text.charAt(i) === '\\' ? 2 : 1
  return Math.min(i, text.length)
}

function commentEnd(text: string, from: number): number {
  let depth = 0
  let i = from
  for (; i < text.length; i++) {
    const c = text.charAt(i)
    if (c === '\\') i++
    else if (c === '(') depth++
    else if (c === ')' && --depth === 0) break
  }
  return i + 1
}

/** The first parameter called `name`, continuations not joined; undefined where there is none. */
export const paramOf = (structured: Structured, name: string): string | undefined =>
  structured.params.find(([key]) => key === name)?.[1]
