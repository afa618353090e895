import { parseDate } from '#mailcore/proto/date'
import { readHeader } from '#mailcore/proto/header'
import { KEPT_FIELDS } from '#mailcore/proto/mime/describe'
import { type Part, parseMessage } from '#mailcore/proto/mime/parse'
import { textOf } from '#mailcore/proto/mime/text'
import { firstField, foldedFields, foldedHeader } from './fields'
import { fold } from './fold'
import type { DayTest, Leaf } from './keys'

/** As far as a message has been read for a search; texts are made when first asked for. */
export interface ReadMessage {
  /** The kept fields; see MessageMeta.header. */
  kept?: Buffer
  raw?: Buffer
  /** One character per byte */
  keptText?: string
  rawText?: string
  /** Values by field name, and below: folded */
  fields?: Map<string, string[]>
  header?: string
  body?: string
}

/** Leaves that need more than columns. */
export type TextLeaf = Extract<Leaf, { kind: 'sent' | 'header' | 'body' | 'text' }>

/** Can it be decided by the kept fields, mostly? */
export const needsKept = (leaf: TextLeaf): boolean =>
  leaf.kind === 'sent' || (leaf.kind === 'header' && KEPT_FIELDS.has(leaf.name))

/** Does the message match? Undefined: more of it must be read to know. */
export function matchText(leaf: TextLeaf, message: ReadMessage): boolean | undefined {
  switch (leaf.kind) {
    case 'header':
      return matchHeader(leaf.name, leaf.needle, message)
    case 'sent':
      return matchSent(leaf.is, leaf.day, message)
    case 'body':
      return message.raw && bodyOf(message, message.raw).includes(leaf.needle)
    case 'text':
      return message.raw && matchAnywhere(leaf.needle, message, message.raw)
  }
}

function keptOf(message: ReadMessage): string | undefined {
  if (!message.kept) return undefined
  message.keptText ??= message.kept.toString('latin1')
  return message.keptText
}

function rawHeaderOf(message: ReadMessage): string | undefined {
  if (!message.raw) return undefined
  message.rawText ??= readHeader(message.raw).text
  return message.rawText
}

/** The kept fields are all there are exactly when an empty line closes them; see KEPT_FIELDS. */
export const isComplete = (text: string): boolean => text === '\r\n' || text.endsWith('\n\r\n')

/** An empty needle asks for the field alone, which every value holds (RFC 9051 6.4.4, HEADER). */
function matchHeader(name: string, needle: string, message: ReadMessage): boolean | undefined {
  const whole = rawHeaderOf(message)
  const kept = whole === undefined && KEPT_FIELDS.has(name) ? keptOf(message) : undefined
  const text = whole ?? kept
  if (text === undefined) return undefined
  if (valuesOf(message, text, name).some((value) => value.includes(needle))) return true
  return whole !== undefined || isComplete(text) ? false : undefined
}

/** Two thousand keys may ask for one field: it is read once. */
function valuesOf(message: ReadMessage, text: string, name: string): string[] {
  message.fields ??= new Map()
  const known = message.fields.get(name)
  if (known) return known
  const values = foldedFields(text, name)
  message.fields.set(name, values)
  return values
}

/** The first field of that name, from what has been read: undefined where it must be read further, null where the message has none. */
export function fieldOf(name: string, message: ReadMessage): string | null | undefined {
  const whole = rawHeaderOf(message)
  if (whole !== undefined) return firstField(whole, name) ?? null
  const kept = keptOf(message)
  return kept === undefined ? undefined : (firstField(kept, name) ?? (isComplete(kept) ? null : undefined))
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAY_MS = 86_400_000

/** The day a Date field names as it is written, "disregarding time and timezone" (RFC 9051 6.4.4); midnight UTC. */
export function writtenDay(value: string): number | undefined {
  const found = /(\d{1,2})\s{1,9}([A-Za-z]{3})[A-Za-z]{0,6}\s{1,9}(\d{2,4})/.exec(value.slice(0, 200))
  const month = MONTHS.indexOf((found?.[2] ?? '').toLowerCase())
  if (!found || month < 0) return undefined
  let year = Number(found[3])
  if (year < 50) year += 2000
  else if (year < 1000) year += 1900
  return Date.UTC(year, month, Number(found[1]))
}

/** When a message says it was sent, ms since 1970: a valid day with no valid time counts from midnight (RFC 5256 2.2). */
export function sentAt(value: string): number | undefined {
  return parseDate(value)?.getTime() ?? writtenDay(value)
}

export function compareDay(is: DayTest, at: number, day: number): boolean {
  switch (is) {
    case 'before':
      return at < day
    case 'on':
      return at >= day && at < day + DAY_MS
    case 'since':
      return at >= day
  }
}

function matchSent(is: DayTest, day: number, message: ReadMessage): boolean | undefined {
  const value = fieldOf('date', message)
  if (value === undefined) return undefined
  const at = value === null ? undefined : writtenDay(value)
  return at !== undefined && compareDay(is, at, day)
}

function bodyOf(message: ReadMessage, raw: Buffer): string {
  if (message.body === undefined) {
    const { text, attachmentNames } = textOf(raw)
    message.body = fold(attachmentNames.length === 0 ? text : [text, ...attachmentNames].join('\n'))
  }
  return message.body
}

/** TEXT: header and body, and the headers of what stands inside (RFC 9051 6.4.4). */
function matchAnywhere(needle: string, message: ReadMessage, raw: Buffer): boolean {
  message.header ??= foldedHeader(rawHeaderOf(message) ?? '')
  if (message.header.includes(needle)) return true
  if (bodyOf(message, raw).includes(needle)) return true
  return hasParts(message) && innerHeaders(raw).some((text) => foldedHeader(text).includes(needle))
}

/** May it hold parts of its own? Spares most messages a second look. */
const hasParts = (message: ReadMessage): boolean => /multipart|message/i.test(message.rawText ?? '')

function innerHeaders(raw: Buffer): string[] {
  const texts: string[] = []
  const waiting: Part[] = [parseMessage(raw)]
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    for (const inner of part.message ? [part.message] : part.children) {
      texts.push(inner.header.text)
      waiting.push(inner)
    }
  }
  return texts
}
