import type { FolderId } from '#lib/ids'
import type { Annotation } from '#mailcore/ports'
import type { MailboxRef } from '../mailboxes'
import type { Session } from '../session'
import { formatMailbox } from '../wire/format'
import { formatEntry, formatValue } from './metadata-entry'

const PRIVATE = '/private/'

// What we note for ourselves on another's mailbox is kept with our own account, sealed with our keys: private also before the owner. No name
// of a client's begins so.
const notesOn = (folder: FolderId): string => `on/${folder}`

/** The annotations of the server as this account sees it: its own private ones. */
export async function readServerAnnotations(session: Session): Promise<Map<string, Buffer>> {
  const all = await session.store.annotations(null)
  return new Map(all.filter(({ entry }) => entry.startsWith('/')).map(({ entry, value }) => [entry, value]))
}

/** The annotations of a mailbox as this account sees them. */
export async function readAnnotationsOf(session: Session, ref: MailboxRef): Promise<Map<string, Buffer>> {
  const there = await ref.store.annotations(ref.folder.id)
  if (ref.own) return new Map(there.map(({ entry, value }) => [entry, value]))
  const prefix = notesOn(ref.folder.id)
  const ours = (await session.store.annotations(null)).filter(({ entry }) => entry.startsWith(`${prefix}/`))
  return new Map([
    ...there.filter(({ entry }) => !entry.startsWith(PRIVATE)).map(({ entry, value }) => [entry, value] as const),
    ...ours.map(({ entry, value }) => [entry.slice(prefix.length), value] as const),
  ])
}

/** Sets and deletes annotations of a mailbox: each kind in one commit. */
export async function writeAnnotationsOf(
  session: Session,
  ref: MailboxRef,
  changes: readonly Annotation[],
): Promise<void> {
  if (ref.own) return ref.store.setAnnotations(ref.folder.id, changes)
  const prefix = notesOn(ref.folder.id)
  const ours = changes.filter(({ entry }) => entry.startsWith(PRIVATE))
  const theirs = changes.filter(({ entry }) => !entry.startsWith(PRIVATE))
  if (ours.length > 0) {
    await session.store.setAnnotations(
      null,
      ours.map(({ entry, value }) => ({ entry: prefix + entry, value })),
    )
  }
  if (theirs.length > 0) await ref.store.setAnnotations(ref.folder.id, theirs)
}

/** A METADATA response with values (RFC 5464 section 4.4.1), without its asterisk. */
export function metadataLine(
  session: Session,
  name: string,
  values: readonly { entry: string; value: Buffer | null }[],
): string {
  const pairs = values.map(({ entry, value }) => `${formatEntry(entry)} ${formatValue(value)}`)
  return `METADATA ${name === '' ? '""' : formatMailbox(name, session.wide)} (${pairs.join(' ')})`
}
