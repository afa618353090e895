import type { Field } from '#mailcore/proto/header'
import { type Part, parseMessage, partAt } from '#mailcore/proto/mime/parse'
import type { Cursor } from '../wire/cursor'
import { quote } from '../wire/format'

/** What a section names of the part its numbers lead to (RFC 9051 6.4.5.1). */
export type Extent = 'content' | 'mime' | 'header' | 'text' | 'header.fields' | 'header.fields.not'

export interface Section {
  /** Part numbers; none for the message itself. */
  path: readonly number[]
  extent: Extent
  /** Names of HEADER.FIELDS, in lower case. */
  names: readonly string[]
  /** As it stands in the answer, between the brackets. */
  label: string
}

const EXTENTS: ReadonlyMap<string, Extent> = new Map<string, Extent>([
  ['', 'content'],
  ['HEADER', 'header'],
  ['TEXT', 'text'],
  ['MIME', 'mime'],
  ['HEADER.FIELDS', 'header.fields'],
  ['HEADER.FIELDS.NOT', 'header.fields.not'],
])
const NUMBER = /^[1-9][0-9]{0,9}$/
/** Field names (RFC 5322 2.2), and little more than that: what is echoed must fit a line of the answer. */
const FIELD_NAME = /^[\x20-\x7e]{0,1000}$/
const ATOM = /^[!#$&'+\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/

/** section-spec, up to its closing bracket or the end (RFC 9051 section 9). */
export function readSection(cursor: Cursor): Section {
  const words = cursor.until(' ]()').toUpperCase().split('.')
  const path: number[] = []
  let at = 0
  for (; at < words.length && NUMBER.test(words[at] ?? ''); at++) path.push(Number(words[at]))
  const rest = words.slice(at).join('.')
  const extent = EXTENTS.get(rest)
  // A point with nothing after it is none of the forms; MIME is of a part, never of the message.
  if (!extent || (rest === '' && at < words.length && words.length > 1) || (extent === 'mime' && path.length === 0))
    return cursor.fail('There is no such section')
  const label = [...path, ...(rest === '' ? [] : [rest])].join('.')
  if (extent !== 'header.fields' && extent !== 'header.fields.not') return { path, extent, names: [], label }
  cursor.space()
  const names = cursor.list(() => cursor.astring())
  if (names.length === 0) cursor.fail('A field name was expected')
  for (const name of names) if (!FIELD_NAME.test(name)) cursor.fail('That is no field name')
  const shown = names.map((name) => (ATOM.test(name) ? name : quote(name))).join(' ')
  return { path, extent, names: names.map((name) => name.toLowerCase()), label: `${label} (${shown})` }
}

/** A message's bytes with its structure, found when first asked for. */
export interface Opened {
  raw: Buffer
  root?: Part
}

export function rootOf(message: Opened): Part {
  message.root ??= parseMessage(message.raw)
  return message.root
}

/**
 * The bytes that a section names, cut from the message and never rebuilt, so that BODY[] is what was stored (P-13); null where there is no such
 * part.
 */
export function sectionOf(message: Opened, section: Section): Buffer | null {
  const { raw } = message
  const { extent } = section
  const whole = section.path.length === 0
  if (whole && extent === 'content') return raw
  const root = rootOf(message)
  const part = whole ? root : partAt(root, section.path)
  if (!part) return null
  // HEADER and TEXT of a part are those of the message inside it.
  const inner = whole ? root : part.message
  switch (extent) {
    case 'content':
      return raw.subarray(part.bodyStart, part.end)
    case 'mime':
      return raw.subarray(part.start, part.bodyStart)
    case 'header':
      return inner && raw.subarray(inner.start, inner.bodyStart)
    case 'text':
      return inner && raw.subarray(inner.bodyStart, inner.end)
    case 'header.fields':
    case 'header.fields.not':
      return inner && pickFields(inner.header.text, inner.header.fields, section)
  }
}

/** The fields so named (or all others) in their order and as they stand, and the empty line (RFC 9051 6.4.5.1). */
function pickFields(text: string, fields: readonly Field[], { names, extent }: Section): Buffer {
  const set = new Set(names)
  const wanted = extent === 'header.fields'
  let out = ''
  for (const field of fields) if (set.has(field.name) === wanted) out += text.slice(field.start, field.end)
  if (out !== '' && !out.endsWith('\n')) out += '\r\n'
  return Buffer.from(`${out}\r\n`, 'latin1')
}

/** `<start.count>` of a section. */
export interface Window {
  start: number
  count: number
}

/** The bytes of a partial; none beyond the end (RFC 9051 6.4.5). */
export const windowOf = (bytes: Buffer, window: Window | undefined): Buffer =>
  window ? bytes.subarray(Math.min(window.start, bytes.length), window.start + window.count) : bytes
