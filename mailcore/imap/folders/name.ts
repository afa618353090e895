import type { MailStore } from '#mailcore/ports'
import { Refused } from '../command'
import { isShared, type MailboxRef, openMailbox, sharedMailboxes } from '../mailboxes'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { formatMailbox } from '../wire/format'

/** The argument of a command that names a mailbox: NFC, as folders are kept (RFC 9051 5.1 leaves the form to the server). */
export const readMailbox = (cursor: Cursor): string => cursor.mailbox().normalize('NFC')

/** A mailbox to be made: the client may say by a "/" at the end that it means to make others below it (RFC 9051 6.3.4). */
export const withoutSlash = (name: string): string => (name.endsWith('/') ? name.slice(0, -1) : name)

/** Where a new name would stand. */
export interface Place {
  store: MailStore
  /** As its owner's store knows it */
  path: string
  /** Another's mailbox right above it, whose grants the new one gets; undefined in our own mail. */
  parent: MailboxRef | undefined
}

/**
 * Where a mailbox of this name is to be made. Below another's mailbox it takes the right `k` on the lowest level that is there
 * (RFC 4314 section 4, CREATE); anywhere else in the namespace of others it is refused.
 */
export async function placeFor(session: Session, name: string): Promise<Place> {
  if (!isShared(name)) return { store: session.store, path: name, parent: undefined }
  const refs = (await sharedMailboxes(session)).filter(({ rights }) => rights.includes('l'))
  if (refs.some((ref) => ref.name === name)) throw new Refused('There is such a mailbox already.', 'ALREADYEXISTS')
  const above = refs.filter((ref) => name.startsWith(`${ref.name}/`)).sort((a, b) => b.name.length - a.name.length)[0]
  const refused = () => new Refused('The owner of these mailboxes does not allow that.', 'NOPERM')
  if (!above) throw refused()
  const path = above.folder.path + name.slice(above.name.length)
  const lowest = (await above.store.folders())
    .map((folder) => folder.path)
    .filter((level) => path.startsWith(`${level}/`))
    .sort((a, b) => b.length - a.length)[0]
  // A level between that we may not see is not ours to build on.
  if (lowest !== above.folder.path || !above.rights.includes('k')) throw refused()
  return { store: above.store, path, parent: above }
}

/** The mailbox to be deleted or renamed; another's takes the right `x` (RFC 4314 section 4). */
export const openDeletable = (session: Session, name: string): Promise<MailboxRef> => openMailbox(session, name, 'x')

/** Tells an IMAP4rev2 client that its name was kept in another form (RFC 9051 6.3.9.7). */
export function tellNormalised(session: Session, asked: string, kept: string): void {
  if (!session.rev2 || asked === kept) return
  const [now, old] = [kept, asked].map((name) => formatMailbox(name, session.wide))
  session.untagged(`LIST () "/" ${now} ("OLDNAME" (${old}))`)
}
