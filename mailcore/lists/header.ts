import { readHeader } from '#mailcore/proto/header'
import { headerText } from '#mailcore/proto/header-text'

export interface ListName {
  /** `local@domain` */
  address: string
  local: string
  domain: string
  /** As its admin wrote it */
  name: string
}

/** Fields that a list sets itself (RFC 2369, RFC 2919), and those that speak of one delivery only. */
const OURS = new Set([
  'list-id',
  'list-post',
  'list-help',
  'list-owner',
  'list-subscribe',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-archive',
  'precedence',
  'return-path',
  'disposition-notification-to',
  'return-receipt-to',
])

/** What a list is known by in List-Id (RFC 2919 section 2): `local.list.domain`, in characters that a label may have. */
export const listIdOf = ({ local, domain }: Pick<ListName, 'local' | 'domain'>): string =>
  `${local.replace(/[^a-z0-9.-]/g, '-')}.${domain}`

const mailto = (address: string): string => `<mailto:${encodeURI(address)}>`

/** Our fields, each with CRLF. Names are words of ours or encoded, so that none can add a field of its own. */
export function listFields(list: ListName): string {
  const { address, local, domain, name } = list
  const command = (what: string) => mailto(`${local}+${what}@${domain}`)
  const phrase = /^[A-Za-z0-9 ]+$/.test(name) ? name : headerText(name)
  const shown = phrase.startsWith('=?') || /^[A-Za-z0-9 ]+$/.test(phrase) ? phrase : `"${phrase.replace(/["\\]/g, '')}"`
  return [
    `List-Id: ${shown} <${listIdOf(list)}>`,
    `List-Post: ${mailto(address)}`,
    `List-Help: ${mailto(`postmaster@${domain}`)}`,
    `List-Owner: ${mailto(`postmaster@${domain}`)}`,
    `List-Unsubscribe: ${command('unsubscribe')}`,
    'Precedence: list',
    '',
  ].join('\r\n')
}

/**
 * The message as the list sends it: its own fields in front, those of other lists away, everything else byte for byte, so that the author's signature
 * holds. `from` takes the place of an author whose domain would have it refused (RFC 7489 section 5.7); the author then stands in Reply-To.
 */
export function listMessage(raw: Buffer, list: ListName, from: { author: string; name: string } | null): Buffer {
  const header = readHeader(raw)
  let kept = ''
  let replyTo = false
  for (const { name, start, end } of header.fields) {
    if (OURS.has(name) || (from && (name === 'from' || name === 'dkim-signature'))) continue
    if (name === 'reply-to') replyTo = true
    const own = header.text.slice(start, end)
    kept += own.endsWith('\n') ? own : `${own}\r\n`
  }
  const instead = from
    ? `From: ${headerText(`${from.name || from.author.split('@')[0]} via ${list.name}`).replace(/^(?!=\?)(.*)$/s, (text) => `"${text.replace(/["\\]/g, '')}"`)} <${list.address}>\r\n${
        replyTo ? '' : `Reply-To: <${from.author}>\r\n`
      }`
    : ''
  const head = `${listFields(list)}${instead}${kept}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), raw.subarray(header.bodyStart)])
}
