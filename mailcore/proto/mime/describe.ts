import type { MessageMeta } from '#mailcore/ports'
import { type AddressItem, readAddresses } from '../address-list'
import { firstValue, type Header } from '../header'
import { paramOf, type Structured } from './params'
import { type Part, parseMessage } from './parse'
import { previewOf } from './text'

/**
 * Top-level fields kept in `MessageMeta.header`, lower case. When they exceed HEADER_KEPT_BYTES, what does not fit is
 * left out and the closing empty line is too: `header` is complete exactly when it ends with an empty line.
 */
export const KEPT_FIELDS: ReadonlySet<string> = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'reply-to',
  'sender',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'list-id',
  'list-unsubscribe',
  'content-type',
  'x-priority',
  'importance',
  'authentication-results',
])
/** Rows of metadata are read by ten thousands; a field of a megabyte belongs to the body only. */
const HEADER_KEPT_BYTES = 16 * 1024
/** Longest ENVELOPE string rendered; beyond it the value is cut, as a subject of 10 MB would be (P-04). */
const STRING_BYTES = 16 * 1024

const MINIMAL: MessageMeta = {
  envelope: '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)',
  bodystructure: '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)',
  header: '\r\n',
  preview: '',
}

/**
 * What IMAP and the web ask about a message, rendered once at delivery (RFC 9051 7.5.2; RFC 3501 7.4.2). Strings hold
 * one character per byte (write them as 'latin1'), except `preview`, which is text. Never throws: mail that defeats the
 * parser is described as text/plain of its size.
 */
export function describeMessage(raw: Buffer): MessageMeta {
  try {
    const root = parseMessage(raw)
    return {
      envelope: envelopeOf(root.header),
      bodystructure: structureOf(raw, root),
      header: keptHeader(root.header),
      preview: previewOf(raw, root),
    }
  } catch {
    // Nothing above is known to throw. Should it, accepted mail must still be stored and listed.
    return {
      ...MINIMAL,
      bodystructure: MINIMAL.bodystructure.replace('0 0', `${raw.length} ${countLines(raw, 0, raw.length)}`),
    }
  }
}

/** The kept fields in their order, as they stand, closed by an empty line when none was left out. */
function keptHeader(header: Header): string {
  let kept = ''
  let complete = true
  for (const field of header.fields) {
    if (!KEPT_FIELDS.has(field.name)) continue
    if (kept.length + field.end - field.start > HEADER_KEPT_BYTES) complete = false
    else kept += header.text.slice(field.start, field.end)
  }
  if (kept !== '' && !kept.endsWith('\n')) kept += '\r\n'
  return complete ? `${kept}\r\n` : kept
}

// Quoted strings hold printable ASCII only; what they cannot hold goes as a literal (RFC 3501 4.3).
const QUOTABLE = /^[\x20-\x7e]*$/

/** An IMAP string, or NIL for undefined. NUL, which no IMAP string may hold, becomes a space. */
function imapString(value: string | undefined): string {
  if (value === undefined) return 'NIL'
  const text = value.length > STRING_BYTES ? value.slice(0, STRING_BYTES) : value
  if (QUOTABLE.test(text)) {
    return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
  }
  return `{${text.length}}\r\n${text.replaceAll('\0', ' ')}`
}

/** RFC 9051 7.5.2 ENVELOPE: date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id. */
function envelopeOf(header: Header): string {
  const string = (name: string) => imapString(firstValue(header, name))
  const from = addressesOf(header, 'from')
  // "If the Sender or Reply-To lines are absent or present but empty, the server sets them to From."
  const orFrom = (name: string) => {
    const own = addressesOf(header, name)
    return own === 'NIL' ? from : own
  }
  return `(${[
    string('date'),
    string('subject'),
    from,
    orFrom('sender'),
    orFrom('reply-to'),
    addressesOf(header, 'to'),
    addressesOf(header, 'cc'),
    addressesOf(header, 'bcc'),
    string('in-reply-to'),
    string('message-id'),
  ].join(' ')})`
}

function addressesOf(header: Header, name: string): string {
  const value = firstValue(header, name)
  if (value === undefined || value === '') return 'NIL'
  const items = readAddresses(value)
  return items.length === 0 ? 'NIL' : `(${items.map(addressItem).join('')})`
}

function addressItem(item: AddressItem): string {
  switch (item.kind) {
    case 'mailbox':
      return `(${imapString(item.name || undefined)} ${imapString(item.route || undefined)} ${imapString(item.local)} ${imapString(item.domain)})`
    case 'group':
      return `(NIL NIL ${imapString(item.name)} NIL)`
    case 'end':
      return '(NIL NIL NIL NIL)'
  }
}

/** RFC 9051 7.5.2 BODYSTRUCTURE with extension data. */
function structureOf(raw: Buffer, part: Part): string {
  if (part.children.length > 0) {
    const inner = part.children.map((child) => structureOf(raw, child)).join('')
    return `(${inner} ${imapString(part.subtype)} ${paramsOf(part.contentType)} ${extensionOf(part)})`
  }
  const size = part.end - part.bodyStart
  const fields = [
    imapString(part.type),
    imapString(part.subtype),
    paramsOf(part.type === 'text' ? withCharset(part.contentType) : part.contentType),
    imapString(firstValue(part.header, 'content-id')),
    imapString(firstValue(part.header, 'content-description')),
    imapString(part.encoding),
    String(size),
  ]
  if (part.message) fields.push(envelopeOf(part.message.header), structureOf(raw, part.message))
  if (part.message || part.type === 'text') fields.push(String(countLines(raw, part.bodyStart, part.end)))
  fields.push(imapString(firstValue(part.header, 'content-md5')), extensionOf(part))
  return `(${fields.join(' ')})`
}

/** Text that names no charset is US-ASCII (RFC 2045 5.2), and BODYSTRUCTURE says so, whatever else is named. */
const withCharset = (structured: Structured): Structured =>
  paramOf(structured, 'charset') === undefined
    ? { ...structured, params: [...structured.params, ['charset', 'us-ascii']] }
    : structured

/** Disposition, language and location. */
function extensionOf(part: Part): string {
  const disposition = part.disposition?.value
    ? `(${imapString(part.disposition.value)} ${paramsOf(part.disposition)})`
    : 'NIL'
  return `${disposition} ${languagesOf(part)} ${imapString(firstValue(part.header, 'content-location'))}`
}

function languagesOf(part: Part): string {
  const value = firstValue(part.header, 'content-language')
  if (!value) return 'NIL'
  const languages = value
    .slice(0, 1_000)
    .split(/[,\s]+/)
    .filter((language) => language !== '')
  return languages.length > 0 ? `(${languages.map(imapString).join(' ')})` : 'NIL'
}

function paramsOf(structured: Structured): string {
  if (structured.params.length === 0) return 'NIL'
  return `(${structured.params.map(([name, value]) => `${imapString(name)} ${imapString(value)}`).join(' ')})`
}

function countLines(raw: Buffer, from: number, to: number): number {
  let lines = 0
  for (let i = from; i < to; i++) if (raw[i] === 10) lines++
  return lines
}
