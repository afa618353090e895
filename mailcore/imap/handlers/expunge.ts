import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers, Session } from '../types'

/**
 * Tells a session which messages went, last first so that the numbers of those before stay put, and drops them from
 * its list in one pass. Uids it never saw are passed over; the notifier tells them and them only.
 */
export function tellExpunged(session: Session, uids: readonly number[]): void {
  const { selected } = session
  if (!selected || uids.length === 0) return
  const gone = new Set(uids)
  const lines: string[] = []
  for (let i = selected.uidList.length - 1; i >= 0; i--) {
    if (gone.has(selected.uidList[i] ?? 0)) lines.push(`* ${i + 1} EXPUNGE`)
  }
  if (lines.length === 0) return
  selected.uidList = selected.uidList.filter((uid) => !gone.has(uid))
  for (const uid of gone) session.user?.told.delete(uid)
  lines.push(`* ${selected.uidList.length} EXISTS`)
  session.writeStream.write({ compiled: lines.join('\r\n') })
}

/** EXPUNGE, UID EXPUNGE and CLOSE (RFC 3501 6.4.2 and 6.4.3, RFC 4315). An empty set removes nothing (I-E1). */
export function createExpunge(door: Door): Pick<Handlers, 'onExpunge'> {
  return {
    onExpunge(folder, options, session, done) {
      const work = async () => {
        if (options.isUid && (options.messages ?? []).length === 0) return []
        return await storeOf(session).expunge(folder.folderId, options.isUid ? (options.messages ?? []) : undefined)
      }
      serve({ log: door.log, session, command: 'EXPUNGE' }, work, {
        reply: (uids) => {
          if (!options.silent) tellExpunged(session, uids)
          done(null, true)
        },
        refuse: (code) => done(null, code),
      })
    },
  }
}
