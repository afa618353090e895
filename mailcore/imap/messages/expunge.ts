import { type Answer, type Command, ok } from '../command'
import type { Session } from '../session'
import { needWrite, wholeTargets } from './targets'

/** Removes messages marked \\Deleted and tells which went, with the mod-sequence of it for clients that keep those (RFC 7162 3.2.7). */
async function remove(session: Session, uids?: readonly number[]): Promise<Answer> {
  needWrite(session, 'e')
  const { store, folderId } = session.mailbox
  const gone = await store.expunge(folderId, uids)
  await session.sync('all', gone.length > 0)
  const { selected } = session
  const code =
    session.keepsModseq && gone.length > 0 && selected
      ? `HIGHESTMODSEQ ${selected.view.folder.highestModseq}`
      : undefined
  return ok('Expunged', code)
}

/** RFC 9051 6.4.3 */
export const expunge: Command = {
  states: ['selected'],
  tells: 'all',
  parse: () => (session) => remove(session),
}

/** RFC 4315 2.1: only those of the set; an empty set removes nothing (I-E1). */
export const uidExpunge: Command = {
  states: ['selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const set = cursor.sequenceSet()
    return (session) => remove(session, [...wholeTargets(session, set, true)])
  },
}
