import { type Answer, type Command, ok, Refused, withCodes } from '../command'
import { isShared } from '../mailboxes'
import type { Session } from '../session'
import { openDeletable, placeFor, readMailbox, tellNormalised, withoutSlash } from './name'

/** RFC 9051 6.3.6 */
export const rename: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const from = readMailbox(cursor)
    cursor.space()
    const typed = withoutSlash(cursor.mailbox())
    return (session) => renameMailbox(session, from, typed)
  },
}

async function renameMailbox(session: Session, from: string, typed: string): Promise<Answer> {
  const to = typed.normalize('NFC')
  const source = await openDeletable(session, from)
  const target = await targetPath(session, source, from, to)
  await withCodes({ CONFLICT: 'ALREADYEXISTS' }, () => source.store.renameFolder(source.folder.path, target))
  tellNormalised(session, typed, to)
  return ok('Renamed')
}

const parentOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')))

/**
 * The path of the new name in the mail of the same owner: a folder never passes from one account to another. Another's mailbox may get a new
 * name where it stands with `x` alone; a new parent takes `k` on that one (RFC 4314 section 4, RENAME).
 */
async function targetPath(
  session: Session,
  source: Awaited<ReturnType<typeof openDeletable>>,
  from: string,
  to: string,
): Promise<string> {
  if (source.own) {
    if (isShared(to)) throw new Refused('These names belong to the mailboxes of others.', 'NOPERM')
    return to
  }
  // Renaming another's INBOX would move its messages: that is for its owner alone.
  if (source.folder.path === 'INBOX') throw new Refused('Only its owner may rename an inbox.', 'NOPERM')
  if (parentOf(to) === parentOf(from)) {
    const parent = parentOf(source.folder.path)
    const last = to.slice(parentOf(to).length + 1)
    return parent === '' ? last : `${parent}/${last}`
  }
  const place = await placeFor(session, to)
  if (place.parent?.owner !== source.owner || place.store !== source.store)
    throw new Refused('A mailbox stays with its owner.', 'NOPERM')
  return place.path
}
