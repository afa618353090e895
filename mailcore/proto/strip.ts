import { isIP } from '#lib/ip'
import { toCrlf } from './crlf'
import { formatDate, parseDate } from './date'
import { type Field, fieldValue, type Header, readHeader } from './header'

/** Fields that tell where or with what a message was written, or that only a receiving host may set. Lower case. */
const DROPPED: ReadonlySet<string> = new Set([
  'received',
  'return-path',
  'bcc',
  'resent-bcc',
  'authentication-results',
  'arc-authentication-results',
  'received-spf',
  'user-agent',
  'x-mailer',
  'x-mimeole',
  'x-newsreader',
  'x-received',
  'x-sender',
  'x-sender-ip',
  'x-sender-id',
  'x-remote-ip',
  'x-real-ip',
  'x-forwarded-for',
  'x-http-useragent',
  'x-clientproxiedby',
  'x-smtp-server',
  'x-sent-by',
])
const DROPPED_PREFIXES = [
  'x-originating-',
  'x-client-',
  'x-source',
  'x-authenticated-',
  'x-php-',
  'x-identity-key',
  'x-account-key',
  'x-mozilla-',
] as const

const dropped = (name: string): boolean =>
  DROPPED.has(name) || DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix))

export interface StripOptions {
  /** The sender's domain: the right side of a Message-ID we make */
  ownDomain: string
  now: Date
  /** A fresh random token for a Message-ID's left side */
  newToken: () => string
  /** The name the client gave in EHLO: a Message-ID ending in it is replaced too */
  clientName?: string
}

/**
 * Takes from a submitted message what would tell about its sender's place, device or software (promise P9, V-01): drops
 * trace fields and Bcc, writes Date in UTC, replaces a Message-ID that names a host; adds Date and Message-ID where they
 * are missing (RFC 6409 8.1, 8.2). Line breaks become CRLF; otherwise the body's bytes stay as they are.
 * `removed` lists the names of the fields that were dropped or rewritten, lower case, each once.
 */
export function removeClientTraces(message: Buffer, options: StripOptions): { raw: Buffer; removed: string[] } {
  const raw = toCrlf(message)
  const header = readHeader(raw)
  const removed = new Set<string>()
  const seen = { date: false, 'message-id': false }
  let head = ''
  for (const field of header.fields) {
    const own = header.text.slice(field.start, field.end)
    if (dropped(field.name)) {
      removed.add(field.name)
    } else if (field.name === 'date' || field.name === 'message-id') {
      // A second one is ambiguous and could carry what the first one no longer does.
      const kept = seen[field.name]
        ? ''
        : field.name === 'date'
          ? utcDate(header, field, options)
          : messageId(header, field, options)
      seen[field.name] = true
      if (kept.trimEnd() !== own.trimEnd()) removed.add(field.name)
      head += kept
    } else {
      head += own.endsWith('\n') ? own : `${own}\r\n`
    }
  }
  if (!seen.date) head += `Date: ${formatDate(options.now)}\r\n`
  if (!seen['message-id']) head += newMessageId(options)
  return {
    raw: Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), raw.subarray(header.bodyStart)]),
    removed: [...removed],
  }
}

const newMessageId = (options: StripOptions): string => `Message-ID: <${options.newToken()}@${options.ownDomain}>\r\n`

function utcDate(header: Header, field: Field, options: StripOptions): string {
  return `Date: ${formatDate(parseDate(fieldValue(header, field)) ?? options.now)}\r\n`
}

function messageId(header: Header, field: Field, options: StripOptions): string {
  const value = fieldValue(header, field)
  const right = /^<[^<>@\s]{1,250}@([^<>@\s]{1,250})>$/.exec(value)?.[1]
  if (right === undefined || namesHost(right.toLowerCase(), options)) return newMessageId(options)
  return header.text.slice(field.start, field.end)
}

/** Endings that only exist inside somebody's house or office (RFC 6762, RFC 8375, and what routers hand out). */
const PRIVATE =
  /\.(?:local|localdomain|lan|internal|intranet|home|corp|private|localhost|fritz\.box|home\.arpa|in-addr\.arpa|ip6\.arpa)$/

function namesHost(domain: string, options: StripOptions): boolean {
  if (domain === options.ownDomain) return false
  if (domain.startsWith('[') || isIP(domain) !== 0 || !domain.includes('.') || PRIVATE.test(domain)) return true
  const name = options.clientName?.toLowerCase()
  return name !== undefined && name !== '' && (domain === name || domain.startsWith(`${name}.`))
}
