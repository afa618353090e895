import type { Door } from '../door'
import { serve } from '../refusal'
import { storeOf } from '../sessions'
import type { Handlers } from '../types'

/** imap-core hands APPEND's path over undecoded when UTF8=ACCEPT is on: one character per byte. */
const pathOf = (path: string, utf8: boolean | undefined): string => {
  if (!utf8) return path
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) > 0xff) return path
  return Buffer.from(path, 'latin1').toString()
}

/** APPEND (RFC 3501 6.3.11) with APPENDUID (RFC 4315). The bytes go to the store as they came. */
export function createAppend(door: Door): Pick<Handlers, 'onAppend'> {
  return {
    onAppend(path, flags, date, raw, session, done) {
      const work = async () => {
        const receivedAt = date ? new Date(date) : new Date()
        const placed = await storeOf(session).append(pathOf(path, session.isUTF8Enabled()), { raw, flags, receivedAt })
        // The store tells others; this session hears of its own message at its next NOOP or IDLE.
        if (session.selected && session.selected.mailbox.folderId === placed.folderId) door.notifier.changed(session)
        return placed
      }
      serve({ log: door.log, session, command: 'APPEND', special: { NOT_FOUND: 'TRYCREATE' } }, work, {
        reply: ({ uidValidity, uid }) => done(null, true, { uidValidity, uid }),
        refuse: (code) => done(null, code),
      })
    },
  }
}
