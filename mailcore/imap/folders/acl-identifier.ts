import { Fault } from '#lib/errors'
import type { Grant } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { Refused } from '../command'
import type { MailboxRef } from '../mailboxes'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'

/** Whom an identifier means: the owner of the mailbox, whose rights stand fast, or someone who is granted some. */
export type Identified = 'owner' | Grant['grantee']

/** An identifier as a client writes it (RFC 4314 section 3): Unicode, not empty. */
export function readIdentifier(cursor: Cursor): string {
  const identifier = cursor.utf8Of(cursor.astring()).normalize('NFKC')
  if (identifier.trim() === '' || /\p{Cc}/u.test(identifier)) cursor.fail('That is no identifier')
  return identifier
}

/**
 * One answer for an address that nobody has, one of another tenant and one that is not hosted here: who else has mail with us is nobody's business.
 */
const nobody = () => new Refused('There is nobody of this address to share with.', 'CANNOT')

/**
 * Whom an identifier means for a mailbox: `anyone`, or the address of an account of the same tenant. Those already granted something are known
 * by the address they were granted it under, also when they are no longer there. Throws NO.
 */
export async function identify(
  session: Session,
  ref: MailboxRef,
  identifier: string,
  grants: readonly Grant[],
): Promise<Identified> {
  if (identifier.startsWith('-')) throw new Refused('Rights cannot be granted negatively.', 'CANNOT')
  if (identifier.toLowerCase() === 'anyone') return 'anyone'
  const address = parseAddress(identifier)?.address
  if (address === undefined) throw nobody()
  if (address === parseAddress(ref.owner)?.address) return 'owner'
  const [found] = await session.imap.directory.resolve([address])
  const { tenantId, accountId } = ref.store.account
  if (found?.kind === 'mailbox' && found.mailbox.tenantId === tenantId) {
    if (found.mailbox.accountId === accountId) return 'owner'
    return { accountId: found.mailbox.accountId, address }
  }
  const known = grants.find(({ grantee }) => grantee !== 'anyone' && grantee.address === address)
  if (!known) throw nobody()
  return known.grantee
}

/** The grant that someone has of their own on a mailbox; '' for none. */
export function grantedTo(grants: readonly Grant[], grantee: Grant['grantee']): string {
  const same = (other: Grant['grantee']) =>
    grantee === 'anyone' || other === 'anyone' ? grantee === other : grantee.accountId === other.accountId
  return grants.find((grant) => same(grant.grantee))?.rights ?? ''
}

/** Sets the rights of a grantee; an account the store does not know (of another region) is answered like one that is not there. */
export async function grant(ref: MailboxRef, grantee: Grant['grantee'], rights: string): Promise<void> {
  try {
    await ref.store.setGrant(ref.folder.id, { grantee, rights }, ref.owner)
  } catch (error) {
    throw error instanceof Fault && error.code === 'NOT_FOUND' ? nobody() : error
  }
}
