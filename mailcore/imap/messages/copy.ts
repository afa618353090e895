import { LIMITS } from '#lib/limits'
import type { NewMessage, Placed } from '#mailcore/ports'
import { type Answer, type Command, needRoom, ok, Refused, withCodes, withRoom } from '../command'
import { wordText } from '../flags'
import { type MailboxRef, openMailbox } from '../mailboxes'
import type { Session } from '../session'
import type { MessageRoom } from '../wire/message-room'
import { formatSet, indexOf, type SequenceSet } from '../wire/sequence-set'
import { needWrite, wholeTargets } from './targets'

const command = (act: typeof copyMessages, byUid: boolean): Command => ({
  states: ['selected'],
  tells: 'all',
  bySequence: !byUid,
  parse: (cursor) => {
    cursor.space()
    const set = cursor.sequenceSet()
    cursor.space()
    const name = cursor.mailbox()
    return (session) => act(session, { set, name, byUid })
  },
})

interface Request {
  set: SequenceSet
  name: string
  byUid: boolean
}

/** A missing target is named so that the client may create it (RFC 9051 6.4.7). */
const target = (session: Session, name: string): Promise<MailboxRef> =>
  withCodes({ NOT_FOUND: 'TRYCREATE' }, () => openMailbox(session, name, 'i'))

async function copyMessages(session: Session, request: Request): Promise<Answer> {
  const { mailbox } = session
  const uids = wholeTargets(session, request.set, request.byUid)
  const to = await target(session, request.name)
  if (uids.length === 0) return ok('Nothing to copy')
  session.beginWork()
  const placed =
    to.store === mailbox.store
      ? await mailbox.store.copy(mailbox.folderId, [...uids], to.folder.path)
      : await carry(session, uids, to)
  session.changed(to.folder.id)
  return ok('Copied', copyUid(placed))
}

async function moveMessages(session: Session, request: Request): Promise<Answer> {
  const { mailbox } = session
  needWrite(session, 'et')
  const uids = wholeTargets(session, request.set, request.byUid)
  const to = await target(session, request.name)
  if (uids.length === 0) return ok('Nothing to move')
  session.beginWork()
  let placed: Placed
  if (to.store === mailbox.store) placed = await mailbox.store.move(mailbox.folderId, [...uids], to.folder.path)
  else {
    // Between two accounts there is no one commit: the copy comes first, so that a crash leaves two and never none (I-D2).
    placed = await carry(session, uids, to)
    await mailbox.store.remove(mailbox.folderId, placed.sourceUids)
  }
  const code = copyUid(placed)
  // RFC 6851 4.3: before the EXPUNGE responses, so that the client knows where each went.
  if (code !== undefined) session.untagged(`OK [${code}] Moved`)
  await session.sync('all', true)
  const { selected } = session
  return ok(
    'Moved',
    session.enabled.has('QRESYNC') && selected ? `HIGHESTMODSEQ ${selected.view.folder.highestModseq}` : undefined,
  )
}

const copyUid = (placed: Placed): string | undefined =>
  placed.uids.length === 0
    ? undefined
    : `COPYUID ${placed.uidValidity} ${formatSet(placed.sourceUids)} ${formatSet(placed.uids)}`

/** Copies into another account's mailbox: under that account's keys, so every message is read and stored anew; all of them, or none. */
const carry = (session: Session, uids: Uint32Array, to: MailboxRef): Promise<Placed> =>
  withRoom(session, (room) => readAndStore(session, { uids, to, room }))

async function readAndStore(
  session: Session,
  { uids, to, room }: { uids: Uint32Array; to: MailboxRef; room: MessageRoom },
): Promise<Placed> {
  const { mailbox } = session
  const { view } = mailbox
  const messages: NewMessage[] = []
  const sourceUids: number[] = []
  let bytes = 0
  for await (const { uid, raw } of mailbox.store.bodies(mailbox.folderId, uids)) {
    bytes += raw.length
    if (bytes > 2 * LIMITS.messageBytes)
      throw new Refused("Too much at once for another account's mailbox; copy fewer messages", 'LIMIT')
    needRoom(room, raw.length)
    const at = indexOf(view.uids, uid)
    const flags = wordText(view.flags[at] ?? 0, view.keywords)
      .split(' ')
      .filter((flag) => flag !== '' && keeps(to, flag))
    messages.push({ raw, flags, receivedAt: new Date(view.receivedAt[at] ?? 0) })
    sourceUids.push(uid)
    session.progress(messages.length, uids.length)
  }
  if (messages.length === 0) return { uidValidity: to.folder.uidValidity, sourceUids, uids: [] }
  const { uidValidity, uids: landed } = await to.store.appendAll(to.folder.path, messages)
  return { uidValidity, sourceUids, uids: landed }
}

const keeps = ({ rights }: MailboxRef, flag: string): boolean =>
  rights.includes(flag === '\\Seen' ? 's' : flag === '\\Deleted' ? 't' : 'w')

/** RFC 9051 6.4.7 */
export const copy = command(copyMessages, false)
export const uidCopy = command(copyMessages, true)
/** RFC 6851, RFC 9051 6.4.8 */
export const move = command(moveMessages, false)
export const uidMove = command(moveMessages, true)
