import { type Field, readFields } from '#mailcore/proto/header'
import { KEPT_FIELDS } from '#mailcore/proto/mime/describe'
import { type Part, parseMessage, partAt } from '#mailcore/proto/mime/parse'
import type { QueryItem } from './types'

/** A message's bytes with its structure, found when first asked for. */
export interface Opened {
  raw: Buffer
  root?: Part
}

function rootOf(message: Opened): Part {
  message.root ??= parseMessage(message.raw)
  return message.root
}

/**
 * The bytes that a FETCH section names (RFC 3501 6.4.5), cut from the message and never rebuilt, so that BODY[] is what
 * was stored (P-13); null where there is no such part. imap-core's own getContents rewrites line ends and boundaries.
 */
export function sectionOf(message: Opened, item: Pick<QueryItem, 'path' | 'type' | 'headers'>): Buffer | null {
  const { raw } = message
  const type = item.type ?? 'content'
  const whole = !item.path
  if (whole && type === 'content') return raw
  const root = rootOf(message)
  const part = whole ? root : partAt(root, (item.path ?? '').split('.').map(Number))
  if (!part) return null
  // HEADER and TEXT of a part are those of the message inside it.
  const inner = whole ? root : part.message
  switch (type) {
    case 'content':
      return raw.subarray(part.bodyStart, part.end)
    case 'mime':
      return whole ? null : raw.subarray(part.start, part.bodyStart)
    case 'header':
      return inner && raw.subarray(inner.start, inner.bodyStart)
    case 'text':
      return inner && raw.subarray(inner.bodyStart, inner.end)
    case 'header.fields':
    case 'header.fields.not':
      return inner && pickFields(inner.header.text, inner.header.fields, item.headers ?? [], type === 'header.fields')
    default:
      return null
  }
}

/** The fields so named (or all others) in their order and as they stand, and the empty line (RFC 3501 6.4.5). */
function pickFields(text: string, fields: readonly Field[], names: readonly string[], wanted: boolean): Buffer {
  const set = new Set(names)
  let out = ''
  for (const field of fields) if (set.has(field.name) === wanted) out += text.slice(field.start, field.end)
  if (out !== '' && !out.endsWith('\n')) out += '\r\n'
  return Buffer.from(`${out}\r\n`, 'latin1')
}

/** Does the stored header hold all that this item asks for? */
export const isKept = (item: QueryItem): boolean =>
  item.item === 'body' &&
  item.type === 'header.fields' &&
  !item.path &&
  (item.headers ?? []).every((name) => KEPT_FIELDS.has(name))

/** HEADER.FIELDS from the stored header; null when that one is incomplete (it then has no closing empty line). */
export function keptFields(header: string, names: readonly string[]): Buffer | null {
  if (header !== '\r\n' && !header.endsWith('\n\r\n')) return null
  return pickFields(header, readFields(header.slice(0, -2)), names, true)
}
