import { type Answer, bad, type Command, no, ok, withCodes, withRoom } from '../command'
import { openMailbox } from '../mailboxes'
import { needWrite } from '../messages/targets'
import type { Session } from '../session'
import type { SequenceSet } from '../wire/sequence-set'
import { creatable } from './append'
import { type Incoming, readMessage } from './arguments'
import { compose } from './compose'

interface Request {
  set: SequenceSet
  byUid: boolean
  name: string
  incoming: Incoming
}

const command = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: 'all',
  bySequence: !byUid,
  parse: (cursor) => {
    cursor.space()
    const set = cursor.sequenceSet()
    if (set.saved || set.ranges.length !== 1 || set.ranges.some(([from, to]) => from !== to))
      cursor.fail('One message was expected')
    cursor.space()
    const name = cursor.mailbox()
    cursor.space()
    const incoming = readMessage(cursor)
    return (session) => replaceMessage(session, { set, byUid, name, incoming })
  },
})

/** RFC 8508 */
export const replace = command(false)
export const uidReplace = command(true)

async function replaceMessage(session: Session, request: Request): Promise<Answer> {
  const { mailbox } = session
  needWrite(session, 'et')
  const uids = mailbox.resolve(request.set, request.byUid)
  if (uids === 'beyond') return bad('There is no message of that number')
  const [uid] = uids
  // RFC 8508 3.3: nothing is stored in place of nothing.
  if (uid === undefined) return no('There is no message of that UID')
  const to = await creatable(() => openMailbox(session, request.name, 'i'))
  const { store, folderId } = mailbox
  const placed = await withRoom(session, async (room) => {
    const message = await compose(session, request.incoming, { rights: to.rights, room })
    return withCodes({ NOT_FOUND: 'EXPUNGEISSUED' }, async () => {
      if (to.store === store) return store.replace(folderId, uid, to.folder.path, message)
      // Between two accounts there is no one commit: the new one comes first, so that a crash leaves two and never none (I-D2).
      const appended = await to.store.append(to.folder.path, message)
      await store.remove(folderId, [uid])
      return appended
    })
  })
  session.changed(placed.folderId)
  session.changed(folderId)
  // RFC 8508 3.4: before the EXPUNGE, so that the client knows what took the message's place.
  session.untagged(`OK [APPENDUID ${placed.uidValidity} ${placed.uid}] The new message is stored`)
  await session.sync('all', true)
  return ok('Replaced')
}
