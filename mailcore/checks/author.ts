import { normaliseDomain } from '#mailcore/proto/address'
import { parseAddressList } from '#mailcore/proto/address-list'
import { allValues, type Header } from '#mailcore/proto/header'

/** Who a message says it is from. */
export interface Author {
  /** From fields; RFC 5322 3.6 wants one */
  fields: number
  /** `local@domain` of each mailbox in them, at most 20, as they stand but for the case of the domain */
  addresses: readonly string[]
  /** The one domain of all of them (RFC 7489 6.6.1); null where there is none, or several, or one that is no host name */
  domain: string | null
}

const ADDRESSES_MOST = 20

export function readAuthor(header: Header): Author {
  const values = allValues(header, 'from')
  const found = values.flatMap((value) => parseAddressList(value)).slice(0, ADDRESSES_MOST)
  // The header's text has one character per byte; addresses beyond ASCII are UTF-8 (RFC 6532).
  const text = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8')
  const domains = new Set(found.map(({ domain }) => normaliseDomain(text(domain))))
  const [only] = domains
  return {
    fields: values.length,
    addresses: found.map(({ local, domain }) => `${text(local)}@${text(domain).toLowerCase()}`),
    domain: values.length === 1 && domains.size === 1 && only ? only : null,
  }
}
