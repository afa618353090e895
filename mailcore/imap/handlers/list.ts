import type { Folder, SpecialUse } from '#mailcore/ports'
import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers, ListDone, Session } from '../types'

/** RFC 6154; INBOX has no attribute of its own. */
const ATTRIBUTE: Record<SpecialUse, string | undefined> = {
  inbox: undefined,
  drafts: '\\Drafts',
  sent: '\\Sent',
  junk: '\\Junk',
  trash: '\\Trash',
  archive: '\\Archive',
}

function listed(folder: Folder): { path: string; specialUse?: string } {
  const specialUse = folder.specialUse ? ATTRIBUTE[folder.specialUse] : undefined
  return specialUse ? { path: folder.path, specialUse } : { path: folder.path }
}

/** LIST and LSUB (RFC 3501 6.3.8, 6.3.9): imap-core matches the pattern and adds the hierarchy. */
export function createList(door: Door): Pick<Handlers, 'onList' | 'onLsub'> {
  const list = (command: string, session: Session, done: ListDone, keep: (folder: Folder) => boolean) =>
    serve(
      { log: door.log, session, command },
      async () => (await storeOf(session).folders()).filter(keep).map(listed),
      { reply: (folders) => done(null, folders), refuse: (code) => done(new Error(code)) },
    )
  return {
    onList: (_query, session, done) => list('LIST', session, done, () => true),
    onLsub: (_query, session, done) =>
      list('LSUB', session, done, (folder) => folder.subscribed || folder.path === 'INBOX'),
  }
}
