import { domainToASCII } from 'node:url'
import { LIMITS } from '#lib/limits'

export { type HeaderAddress, parseAddressList } from './address-list'

/** An address in the one form in which it is compared, stored and hashed. */
export interface Address {
  /** NFC, lower case; at most 64 bytes */
  local: string
  /** A-labels (RFC 5890), lower case, no trailing dot */
  domain: string
  /** `local@domain` */
  address: string
}

const LOCAL_BYTES = 64
const DOMAIN_BYTES = 255

/**
 * The dot-string of RFC 5321 4.1.2 with RFC 6531 letters, minus what has been used to relay or to make two programs
 * disagree about an address: quotes, routes, `%`, `!`, and any `@` look-alike. Every other ASCII atext is allowed.
 */
const LOCAL = /^[a-z0-9#$&'*+/=?^_`{|}~\-\u0080-\u{10ffff}]+(?:\.[a-z0-9#$&'*+/=?^_`{|}~\-\u0080-\u{10ffff}]+)*$/u

/** Controls, spaces, invisible and direction marks, surrogates, private use, and the full-width and small `@` `.` forms. */
const DECEPTIVE = /[\p{C}\p{Z}\uff20\ufe6b\uff0e\ufe52\u3002\uff61]/u

/** Host names only: LDH labels, at least two, the last one not all digits (so that no IP address passes). */
const DOMAIN = /^(?=.{1,255}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/

/**
 * Parses one address strictly and normalises it, or returns null. The only way by which an address enters the system
 * (reliability S-06, S-11), so that SMTP, web, IMAP and the directory agree on it. Case is folded in the local part,
 * which RFC 5321 2.4 leaves to the receiving host: us.
 */
export function parseAddress(text: string): Address | null {
  if (text.length === 0 || text.length > LIMITS.addressBytes) return null
  const at = text.indexOf('@')
  if (at <= 0 || at !== text.lastIndexOf('@')) return null
  if (DECEPTIVE.test(text)) return null
  const domain = normaliseDomain(text.slice(at + 1))
  if (domain === null) return null
  const local = normaliseLocal(text.slice(0, at))
  if (local === null) return null
  const address = `${local}@${domain}`
  return Buffer.byteLength(address) <= LIMITS.addressBytes ? { local, domain, address } : null
}

function normaliseLocal(text: string): string | null {
  // Lower-casing can undo NFC (and the reverse), hence twice: the result is a fixed point.
  const local = text.normalize('NFC').toLowerCase().normalize('NFC')
  return LOCAL.test(local) && Buffer.byteLength(local) <= LOCAL_BYTES ? local : null
}

/** A domain as lower-case A-labels, or null when it is not a host name of two labels or more. */
export function normaliseDomain(text: string): string | null {
  if (text.length === 0 || text.length > DOMAIN_BYTES || DECEPTIVE.test(text) || /[%/\\?#:[\]]/.test(text)) return null
  // UTS 46 maps upper case, full width and NFC; an xn-- label that does not decode comes back empty.
  const ascii = domainToASCII(text)
  return DOMAIN.test(ascii) ? ascii : null
}

/** The normal form of an address, or null when it is not one. */
export const normaliseAddress = (text: string): string | null => parseAddress(text)?.address ?? null

/** `user+tag@domain` (RFC 5233) as its base address and tag; the tag is null where there is none. */
export function splitSubaddress(address: Address): { base: Address; tag: string | null } {
  const plus = address.local.indexOf('+')
  if (plus <= 0) return { base: address, tag: null }
  const local = address.local.slice(0, plus)
  return {
    base: { local, domain: address.domain, address: `${local}@${address.domain}` },
    tag: address.local.slice(plus + 1),
  }
}
