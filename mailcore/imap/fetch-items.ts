import type { FetchedMessage } from '#mailcore/ports'
import { shortStructure } from './body-structure'
import { isKept, keptFields, type Opened, sectionOf } from './section'
import type { QueryItem } from './types'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** RFC 3501 date-time in UTC, with its quotes. */
export const dateTime = (date: Date): string =>
  `"${String(date.getUTCDate()).padStart(2, ' ')}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ` +
  `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000"`

/** The items of a message that the answer to one FETCH item needs. */
export type Need = 'state' | 'meta' | 'body'

export function needOf(item: QueryItem): Need {
  switch (item.item) {
    case 'envelope':
    case 'bodystructure':
      return 'meta'
    case 'body':
      return item.type === undefined || isKept(item) ? 'meta' : 'body'
    case 'rfc822':
    case 'rfc822.header':
    case 'rfc822.text':
      return 'body'
    default:
      return 'state'
  }
}

/** One answer: text (one character per byte) and, for literals, the bytes after it. Null: the body is needed after all. */
export type Rendered = { text: string; bytes?: Buffer } | null

/** Renders one item of one message; `opened` is there when the body was read. */
export function renderItem(item: QueryItem, message: FetchedMessage, opened: Opened | undefined): Rendered {
  switch (item.item) {
    case 'uid':
      return { text: `UID ${message.uid}` }
    case 'flags':
      return { text: `FLAGS (${message.flags.join(' ')})` }
    case 'modseq':
      return { text: `MODSEQ (${message.modseq})` }
    case 'internaldate':
      return { text: `INTERNALDATE ${dateTime(message.receivedAt)}` }
    case 'rfc822.size':
      return { text: `RFC822.SIZE ${message.size}` }
    case 'envelope':
      return message.meta ? { text: `ENVELOPE ${message.meta.envelope}` } : null
    case 'bodystructure':
      return message.meta ? { text: `BODYSTRUCTURE ${message.meta.bodystructure}` } : null
    case 'body':
      if (item.type !== undefined) return renderSection(item, message, opened)
      return message.meta ? { text: `BODY ${shortStructure(message.meta.bodystructure)}` } : null
    case 'rfc822':
      return opened ? literal('RFC822', opened.raw) : null
    case 'rfc822.header':
      return opened ? literal('RFC822.HEADER', sectionOf(opened, { path: '', type: 'header' })) : null
    case 'rfc822.text':
      return opened ? literal('RFC822.TEXT', sectionOf(opened, { path: '', type: 'text' })) : null
    default:
      return { text: `${item.item.toUpperCase()} NIL` }
  }
}

const literal = (label: string, bytes: Buffer | null): Rendered =>
  bytes ? { text: `${label} {${bytes.length}}\r\n`, bytes } : { text: `${label} NIL` }

function renderSection(item: QueryItem, message: FetchedMessage, opened: Opened | undefined): Rendered {
  const kept = !opened && message.meta && isKept(item) ? keptFields(message.meta.header, item.headers ?? []) : undefined
  if (!opened && !kept) return null
  const section = opened ? sectionOf(opened, item) : (kept ?? null)
  return literal(labelOf(item), section && partialOf(section, item))
}

/** The item as the client gave it, in capitals up to the bracket; of `<0.100>` the answer repeats the origin only. */
const labelOf = (item: QueryItem): string =>
  item.query.replace(/^[^[]+/, (name) => name.toUpperCase()).replace(/<([0-9]+)[^>]*>$/, '<$1>')

function partialOf(section: Buffer, item: QueryItem): Buffer {
  if (!item.partial) return section
  const from = Math.max(item.partial.startFrom, 0)
  const length = item.partial.maxLength
  return section.subarray(from, length > 0 ? from + length : undefined)
}
