import type { Leased } from '#mailcore/ports'
import { parseAddress, parseAddressList } from '#mailcore/proto/address'
import { allValues, firstValue, type Header } from '#mailcore/proto/header'

/** Who wrote a message to a list, and what vouches for it. */
export interface Poster {
  /** The author's address, normalised */
  address: string
  /** Is it theirs for certain? */
  proven: boolean
  /** Did a signature of the author's own domain hold? Then it still does when the message goes on unaltered. */
  signed: boolean
}

/**
 * The author of a message. It is proven where an account of ours has handed it in (submission has checked its From), or where our own
 * Authentication-Results, on top of the header, say that DMARC passed, or a signature of the author's domain did.
 */
export function posterOf(leased: Pick<Leased, 'origin'>, header: Header, hostname: string): Poster | null {
  const froms = allValues(header, 'from')
  const authors = parseAddressList(froms[0] ?? '')
  const [author] = authors
  const parsed = author && parseAddress(`${author.local}@${author.domain}`)
  if (froms.length !== 1 || authors.length !== 1 || !parsed) return null
  const { address, domain } = parsed
  if (leased.origin === 'account') return { address, proven: true, signed: false }
  const found = resultsOf(header, hostname)
  const signed = new RegExp(`;\\s*dkim=pass\\b[^;]*\\bheader\\.d=${escaped(domain)}(?:[\\s;]|$)`, 'i').test(found)
  const dmarc = new RegExp(`;\\s*dmarc=pass\\b[^;]*\\bheader\\.from=${escaped(domain)}(?:[\\s;]|$)`, 'i').test(found)
  return { address, proven: signed || dmarc, signed }
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What we found at the door. The MX takes away fields of others in our name, and puts its own in front. */
function resultsOf(header: Header, hostname: string): string {
  const value = firstValue(header, 'authentication-results') ?? ''
  return value.toLowerCase().startsWith(`${hostname.toLowerCase()};`) ? value : ''
}
