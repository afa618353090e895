import type { Placed } from '#mailcore/ports'
import type { Door } from '../door'
import { serve } from '../refusal'
import { isReadOnly, storeOf } from '../sessions'
import type { CopyDone, Handlers, OpenFolder, Session } from '../types'
import { tellExpunged } from './expunge'

const NOTHING: Placed = { uidValidity: 1, sourceUids: [], uids: [] }

/** COPY (RFC 3501 6.4.7) and MOVE (RFC 6851) with COPYUID (RFC 4315). An empty set changes nothing (I-E1). */
export function createCopyMove(door: Door): Pick<Handlers, 'onCopy' | 'onMove'> {
  const place = (
    kind: 'copy' | 'move',
    folder: OpenFolder,
    options: { destination: string; messages: number[] },
    session: Session,
    done: CopyDone,
  ) => {
    const work = async () => {
      if (options.messages.length === 0) return NOTHING
      return await storeOf(session)[kind](folder.folderId, options.messages, options.destination)
    }
    serve({ log: door.log, session, command: kind, special: { NOT_FOUND: 'TRYCREATE' } }, work, {
      reply: ({ uidValidity, sourceUids, uids }) => {
        if (kind === 'move') tellExpunged(session, sourceUids)
        // Into the folder it came from, or from a folder that the session now watches: look at once.
        if (session.selected && session.selected.path === options.destination) door.notifier.changed(session)
        done(null, true, { uidValidity, sourceUid: sourceUids, destinationUid: uids })
      },
      refuse: (code) => done(null, code),
    })
  }
  return {
    onCopy: (_connection, folder, options, session, done) => place('copy', folder, options, session, done),
    onMove: (folder, options, session, done) => {
      // imap-core lets MOVE through in a folder opened with EXAMINE.
      if (isReadOnly(session)) return done(null, 'READ-ONLY')
      place('move', folder, options, session, done)
    },
  }
}
