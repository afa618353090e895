import { type HeaderAddress, parseAddress, splitSubaddress } from '#mailcore/proto/address'
import type { Node } from './program'

/**
 * Fields whose value is a list of addresses (RFC 5228 5.1 names the first eight and lets us choose the others). On any
 * other field the test is an error, since what it would read there is no address.
 */
const ADDRESS_FIELDS = new Set([
  'from',
  'to',
  'cc',
  'bcc',
  'sender',
  'reply-to',
  'resent-from',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-sender',
  'resent-reply-to',
  'return-path',
  'delivered-to',
  'envelope-to',
  'envelope-from',
  'x-original-to',
  'x-envelope-to',
  'x-delivered-to',
  'apparently-to',
  'errors-to',
  'mail-followup-to',
  'mail-reply-to',
  'disposition-notification-to',
  'return-receipt-to',
  'approved',
  'x-forwarded-to',
  'x-forwarded-for',
])

export const isAddressField = (name: string): boolean => ADDRESS_FIELDS.has(name.toLowerCase())

const PARTS = [':all', ':localpart', ':domain', ':user', ':detail'] as const
type AddressPart = (typeof PARTS)[number]

/** The address part a test compares (RFC 5228 2.7.4, RFC 5233 4). */
export const addressPartOf = (node: Node): AddressPart => PARTS.find((part) => node.tags.has(part)) ?? ':all'

/**
 * The part of an address that is compared; null where there is none, so that nothing matches: of an address that is
 * not complete any part but `:all`, and `:detail` where there is no `+` (RFC 5233 4).
 */
export function addressPart(address: HeaderAddress, part: AddressPart): string | null {
  const { local, domain } = address
  if (part === ':all') return domain === '' ? local : `${local}@${domain}`
  if (domain === '' || local === '') return null
  if (part === ':localpart') return local
  if (part === ':domain') return domain
  const plus = local.indexOf('+')
  if (part === ':user') return plus < 0 ? local : local.slice(0, plus)
  return plus < 0 ? null : local.slice(plus + 1)
}

/** An address of the envelope; the null reverse-path is one of empty parts (RFC 5228 5.4). */
export function envelopePart(text: string, part: AddressPart): string | null {
  const at = text.lastIndexOf('@')
  if (text === '') return part === ':detail' ? null : ''
  return addressPart(
    { name: '', local: at < 0 ? text : text.slice(0, at), domain: at < 0 ? '' : text.slice(at + 1) },
    part,
  )
}

/** The normal form of `text` if it is one of the owner's addresses, with a detail or without; null otherwise. */
export function ownAddress(text: string, own: readonly string[]): string | null {
  const address = parseAddress(text)
  if (!address) return null
  const mine = new Set(own.map((one) => parseAddress(one)?.address))
  return mine.has(address.address) || mine.has(splitSubaddress(address).base.address) ? address.address : null
}
