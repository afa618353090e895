import type { Directory, SignedIn } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { FIELD_BYTES, readAddresses } from '#mailcore/proto/address-list'
import { fieldValue, type Header } from '#mailcore/proto/header'

export type AuthorCheck = 'ok' | 'malformed' | 'foreign'

/** Fields that say who speaks, and how many of each there may be (RFC 5322 3.6; Resent fields may come in several blocks). */
const AUTHOR_FIELDS = new Map([
  ['from', 1],
  ['sender', 1],
  ['resent-from', 10],
  ['resent-sender', 10],
])
const AUTHORS_MOST = 20

/**
 * Do all the addresses that a message names as its author belong to the account (S-07)? Exactly one From is required,
 * and everything in these fields must be a plain mailbox: two programs that read a quoted, grouped or doubled author
 * differently are how one account has spoken as another.
 */
export async function checkAuthor(
  header: Header,
  account: SignedIn,
  directory: Pick<Directory, 'mayUse'>,
): Promise<AuthorCheck> {
  const authors = authorsOf(header)
  if (authors === null) return 'malformed'
  for (const author of authors) {
    if (author !== account.address && !(await directory.mayUse(account, author))) return 'foreign'
  }
  return 'ok'
}

/** The normalised addresses of all author fields, each once, or null. */
function authorsOf(header: Header): Set<string> | null {
  const counts = new Map<string, number>()
  const authors = new Set<string>()
  for (const field of header.fields) {
    const most = AUTHOR_FIELDS.get(field.name)
    if (most === undefined) continue
    const count = (counts.get(field.name) ?? 0) + 1
    counts.set(field.name, count)
    const value = Buffer.from(fieldValue(header, field), 'latin1').toString('utf8')
    if (count > most || value.length > FIELD_BYTES) return null
    const items = readAddresses(value)
    if (items.length === 0 || items.length > AUTHORS_MOST) return null
    for (const item of items) {
      const plain = item.kind === 'mailbox' && item.route === '' && !item.doubtful
      const address = plain ? parseAddress(`${item.local}@${item.domain}`) : null
      if (!address) return null
      authors.add(address.address)
    }
  }
  return counts.get('from') === 1 ? authors : null
}
