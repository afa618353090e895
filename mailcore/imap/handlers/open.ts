import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers, OpenFolder, Session } from '../types'

const openFolder = (folderId: OpenFolder['folderId'], session: Session): OpenFolder => ({
  folderId,
  session,
  toString: () => folderId,
})

/** SELECT and EXAMINE (RFC 3501 6.3.1), and IDLE's first look (RFC 2177). */
export function createOpen(door: Door): Pick<Handlers, 'onOpen' | 'onIdleStart'> {
  return {
    onOpen(path, session, done) {
      const work = async () => {
        const store = storeOf(session)
        const { id } = await store.folder(path)
        // One view for uids and HIGHESTMODSEQ: what commits later has a greater modseq and is told by the notifier.
        const { folder, messages } = await store.list(id)
        session.user?.told.clear()
        const keywords = new Set<string>()
        for (const message of messages) for (const flag of message.flags) if (!flag.startsWith('\\')) keywords.add(flag)
        return {
          _id: openFolder(folder.id, session),
          uidList: messages.map((message) => message.uid),
          uidNext: folder.uidNext,
          uidValidity: folder.uidValidity,
          modifyIndex: Number(folder.highestModseq),
          flags: [...keywords],
        }
      }
      serve({ log: door.log, session, command: 'SELECT' }, work, {
        reply: (mailbox) => done(null, mailbox),
        refuse: (code) => done(null, code),
      })
    },
    // A change committed between SELECT's view and imap-core's note of the selection was announced to nobody.
    onIdleStart: (_folder, session) => door.notifier.changed(session),
  }
}
