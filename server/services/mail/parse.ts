import PostalMime, { type Address, type Email } from 'postal-mime'
import { LIMITS } from '#lib/limits'

/** Somebody in a header: a name, which may be empty, and an address. */
export interface Correspondent {
  name: string
  address: string
}

const EMPTY: Email = { headers: [], headerLines: [], attachments: [] }

/** Parses a message or a header block; what cannot be parsed shows as empty rather than failing, since strangers write mail. */
export async function parseMail(raw: Buffer | string): Promise<Email> {
  try {
    return await PostalMime.parse(raw, { maxNestingDepth: LIMITS.mimeDepth, maxHeadersSize: LIMITS.headerBytes })
  } catch {
    return EMPTY
  }
}

/** Addresses with groups (RFC 5322 3.4) laid flat. */
export const correspondents = (list: readonly Address[] | undefined): Correspondent[] =>
  (list ?? []).flatMap((one) => (one.group ? one.group : [{ name: one.name, address: one.address }]))

export const correspondent = (one: Address | undefined): Correspondent | null =>
  one ? (correspondents([one])[0] ?? null) : null
