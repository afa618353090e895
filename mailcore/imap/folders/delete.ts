import { deselect } from '../access/close'
import { type Answer, type Command, ok, Refused, withCodes } from '../command'
import type { Session } from '../session'
import { openDeletable, readMailbox } from './name'

/** RFC 9051 6.3.5. A mailbox with others below it is refused. */
export const del: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    return (session) => deleteMailbox(session, name)
  },
}

async function deleteMailbox(session: Session, name: string): Promise<Answer> {
  const { store, folder } = await openDeletable(session, name)
  if (folder.specialUse === 'inbox' || folder.path === 'INBOX')
    throw new Refused('The inbox cannot be deleted.', 'CANNOT')
  const { selected } = session
  const isSelected = selected?.folderId === folder.id
  if (isSelected && (await store.folders()).some(({ path }) => path.startsWith(`${folder.path}/`)))
    throw new Refused('The folder has folders below it. Delete or move those first.', 'HASCHILDREN')
  // As Dovecot does: the session's own mailbox is left before it goes, not taken for lost afterwards.
  if (isSelected) {
    deselect(session)
    if (session.rev2 || session.vanishes) session.untagged('OK [CLOSED] The mailbox is being deleted')
  }
  await withCodes({ CONFLICT: 'HASCHILDREN', FORBIDDEN: 'CANNOT' }, () => store.deleteFolder(folder.path))
  return ok('Deleted')
}
