import type { FolderView } from '#mailcore/ports'
import type { Selected } from './selected'
import type { Session } from './session'

/** The keywords each client has been told of its selected mailbox, as one text. */
const told = new WeakMap<Selected, string>()

const namesOf = ({ keywords }: FolderView): string => [...keywords.values()].join(' ')

/** FLAGS of this view was just told: at SELECT. */
export const keywordsTold = (selected: Selected, view: FolderView): void => {
  told.set(selected, namesOf(view))
}

/**
 * Tells FLAGS and PERMANENTFLAGS again before an answer that may hold a keyword the client has not heard of (RFC 9051 7.3.5): one that this very
 * command made, or that came with a message known so far by EXISTS alone.
 */
export function tellNewKeywords(session: Session, selected: Selected, view: FolderView): void {
  const names = namesOf(view)
  if (told.get(selected) === names) return
  told.set(selected, names)
  // Views of one folder only grow, and what this one has more will be told when it is next compared.
  if (view.folder.highestModseq >= selected.view.folder.highestModseq) selected.view = view
  session.tellFlags(selected)
}
