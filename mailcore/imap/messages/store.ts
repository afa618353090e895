import type { FlagChange } from '#mailcore/ports'
import { type Answer, type Command, no, ok } from '../command'
import { flagText } from '../flags'
import { tellNewKeywords } from '../keywords'
import { IMAP_LIMITS } from '../limits'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { formatSet, lowerBound, type SequenceSet } from '../wire/sequence-set'
import { needWrite, targetsOf } from './targets'

interface Request {
  set: SequenceSet
  byUid: boolean
  silent: boolean
  unchangedSince: number | undefined
  action: FlagChange['action']
  flags: string[]
}

const ACTIONS = { '': 'set', '+': 'add', '-': 'remove' } as const

const command = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: byUid ? 'all' : 'no-expunge',
  bySequence: !byUid,
  parse: (cursor) => {
    cursor.space()
    const set = cursor.sequenceSet()
    cursor.space()
    let unchangedSince: number | undefined
    if (cursor.next === '(') {
      cursor.list(() => {
        if (!cursor.maybeWord('UNCHANGEDSINCE')) cursor.fail('Unknown modifier')
        cursor.space()
        unchangedSince = cursor.number64()
      })
      cursor.space()
    }
    const sign = cursor.maybe('+') ? '+' : cursor.maybe('-') ? '-' : ''
    const word = cursor.word()
    if (word !== 'FLAGS' && word !== 'FLAGS.SILENT') cursor.fail('FLAGS was expected')
    cursor.space()
    const request = {
      set,
      byUid,
      silent: word !== 'FLAGS',
      unchangedSince,
      action: ACTIONS[sign],
      flags: readFlags(cursor),
    }
    return (session) => change(session, request)
  },
})

/** RFC 9051 6.4.6, RFC 7162 3.1.3 */
export const store = command(false)
export const uidStore = command(true)

/** flag-list, or flags without parentheses. */
function readFlags(cursor: Cursor): string[] {
  if (cursor.next === '(') return cursor.flagList()
  const flags = [cursor.flag()]
  while (cursor.more()) flags.push(cursor.flag())
  return flags
}

/** The rights each flag needs (RFC 4314 section 4); those without are left out, and with none left the command is refused. */
function allowed(session: Session, request: Request): string[] {
  needWrite(session, '')
  const { mailbox } = session
  const right = (flag: string) => (/^\\seen$/i.test(flag) ? 's' : /^\\deleted$/i.test(flag) ? 't' : 'w')
  const flags = request.flags.filter((flag) => mailbox.may(right(flag)))
  // Setting all flags touches those not named too.
  if (request.action === 'set') needWrite(session, 'stw')
  else if (flags.length === 0 && request.flags.length > 0) needWrite(session, request.flags.map(right).join(''))
  return flags
}

async function change(session: Session, request: Request): Promise<Answer> {
  const { mailbox } = session
  const { byUid, silent, unchangedSince } = request
  if (unchangedSince !== undefined) session.enabled.add('CONDSTORE')
  const all = targetsOf(session, request.set, byUid)
  const flags = allowed(session, request)
  const most = IMAP_LIMITS.messagesPerCommand
  const uids = all.subarray(0, most)
  if (uids.length === 0) return ok('Nothing to store')
  const stored = await mailbox.store.changeFlags(mailbox.folderId, [...uids], {
    action: request.action,
    flags,
    ...(unchangedSince === undefined ? {} : { unchangedSince: BigInt(unchangedSince) }),
  })
  mailbox.ownChanges(stored.changed, stored.modseq)
  const modified = new Set(stored.modified)
  const lost = await report(session, { uids, stored, modified, byUid, silent })
  if (all.length > most) return no('Not all messages were changed', `MESSAGELIMIT ${most} ${uids[most - 1] ?? 0}`)
  if (modified.size > 0) {
    const names = byUid ? stored.modified : stored.modified.map((uid) => mailbox.sequenceOf(uid))
    return ok('Some messages were changed by others', `MODIFIED ${formatSet(names)}`)
  }
  return lost && !byUid ? no('Some of the messages no longer exist', 'EXPUNGEISSUED') : ok('Stored')
}

/** Tells the new flags (or only the mod-sequences), and says whether messages were gone. */
async function report(
  session: Session,
  at: {
    uids: Uint32Array
    stored: { view: Session['mailbox']['view']; changed: number[] }
    modified: ReadonlySet<number>
    byUid: boolean
    silent: boolean
  },
): Promise<boolean> {
  const { mailbox, out } = session
  const { view } = at.stored
  tellNewKeywords(session, mailbox, view)
  const modseqs = session.keepsModseq
  const changed = at.silent ? new Set(at.stored.changed) : undefined
  let lost = false
  let index = 0
  let sequence = at.uids.length > 0 ? lowerBound(mailbox.uids, at.uids[0] ?? 0) : 0
  for (const uid of at.uids) {
    while (index < view.uids.length && (view.uids[index] ?? 0) < uid) index++
    while (sequence < mailbox.uids.length && (mailbox.uids[sequence] ?? 0) < uid) sequence++
    if (view.uids[index] !== uid) {
      lost = true
      continue
    }
    if (at.modified.has(uid)) continue
    if (changed && (!modseqs || !changed.has(uid))) continue
    const uidItem = !session.uidOnly && (at.byUid || session.enabled.has('QRESYNC')) ? [`UID ${uid}`] : []
    const items = [
      ...uidItem,
      ...(changed ? [] : [`FLAGS (${flagText(view, index)})`]),
      ...(modseqs ? [`MODSEQ (${view.modseqs[index]})`] : []),
    ]
    out.text(`${session.fetchPrefix(sequence + 1, uid)}${items.join(' ')})\r\n`)
    if (out.full) await out.flush()
  }
  return lost
}
