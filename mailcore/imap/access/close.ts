import { type Command, ok } from '../command'
import type { Session } from '../session'

/** Lets go of the selected mailbox. */
export function deselect(session: Session): void {
  session.selected = undefined
  session.live = false
}

/** RFC 9051 6.4.1: removes what is \\Deleted without telling, then deselects. */
export const close: Command = {
  states: ['selected'],
  tells: 'nothing',
  parse: () => async (session) => {
    const { store, folderId, readOnly, rights, view } = session.mailbox
    deselect(session)
    if (!readOnly && rights.includes('e') && view.folder.messages > 0) await store.expunge(folderId)
    return ok('Closed')
  },
}

/** RFC 3691, RFC 9051 6.4.2: deselects and removes nothing. */
export const unselect: Command = {
  states: ['selected'],
  tells: 'nothing',
  parse: () => async (session) => {
    deselect(session)
    return ok('Unselected')
  },
}
