import { vanishedSince } from '../access/resync'
import { type Answer, bad, type Command, no, ok } from '../command'
import { IMAP_LIMITS } from '../limits'
import { missing } from '../selected'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { formatSet, lowerBound, normaliseRanges, type SequenceSet } from '../wire/sequence-set'
import { type Item, type Plan, planOf, readItems } from './items'
import { present } from './places'
import { runFetch } from './run'

/** What stands in parentheses after the items. */
interface Modifiers {
  /** RFC 7162 3.1.4.1 */
  changedSince?: number
  /** RFC 7162 3.2.6 */
  vanished: boolean
  /** RFC 9394 3.3: first and last place, from the end where negative */
  partial?: readonly [number, number]
}

interface Request extends Modifiers {
  set: SequenceSet
  byUid: boolean
  plan: Plan
}

const command = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: byUid ? 'all' : 'no-expunge',
  bySequence: !byUid,
  parse: (cursor, session) => {
    cursor.space()
    const set = cursor.sequenceSet()
    cursor.space()
    const { items, sees } = readItems(cursor)
    const modifiers = cursor.more() ? readModifiers(cursor) : { vanished: false }
    if (modifiers.vanished && (!byUid || modifiers.changedSince === undefined || !session.enabled.has('QRESYNC')))
      cursor.fail('VANISHED goes with UID FETCH, CHANGEDSINCE and QRESYNC enabled')
    const asked = complete(items, { byUid, uidOnly: session.uidOnly, modseq: modifiers.changedSince !== undefined })
    const request = { set, byUid, plan: planOf({ items: asked, sees }), ...modifiers }
    return (at) => fetchMessages(at, request)
  },
})

/** RFC 9051 6.4.5, RFC 3501 6.4.5 */
export const fetch = command(false)
/** RFC 9051 6.4.9 */
export const uidFetch = command(true)

/** UID is answered to UID FETCH asked or not; never where it stands in front already (RFC 9586 3.2); CHANGEDSINCE asks for MODSEQ. */
function complete(items: readonly Item[], at: { byUid: boolean; uidOnly: boolean; modseq: boolean }): Item[] {
  const all = at.uidOnly ? items.filter(({ kind }) => kind !== 'uid') : [...items]
  if (at.byUid && !at.uidOnly && !all.some(({ kind }) => kind === 'uid')) all.unshift({ kind: 'uid' })
  if (at.modseq && !all.some(({ kind }) => kind === 'modseq')) all.push({ kind: 'modseq' })
  return all
}

function readModifiers(cursor: Cursor): Modifiers {
  const found: Modifiers = { vanished: false }
  const seen = new Set<string>()
  cursor.list(() => {
    const word = cursor.word()
    if (seen.has(word)) cursor.fail('A modifier stands there twice')
    seen.add(word)
    if (word === 'VANISHED') found.vanished = true
    else if (word === 'CHANGEDSINCE') {
      cursor.space()
      found.changedSince = cursor.number64()
    } else if (word === 'PARTIAL') {
      cursor.space()
      found.partial = readRange(cursor)
    } else cursor.fail('Unknown modifier')
  })
  return found
}

/** `1:100` or `-1:-100` (RFC 9394 section 4). */
function readRange(cursor: Cursor): [number, number] {
  const negative = cursor.next === '-'
  const one = () => {
    if (negative) cursor.expect('-')
    const number = cursor.number()
    return number === 0 ? cursor.fail('A range begins with 1') : number
  }
  const a = one()
  cursor.expect(':')
  const b = one()
  const [low, high] = a < b ? [a, b] : [b, a]
  return negative ? [-high, -low] : [low, high]
}

async function fetchMessages(session: Session, request: Request): Promise<Answer> {
  const { mailbox } = session
  const { byUid, plan, changedSince } = request
  const resolved = mailbox.resolve(request.set, byUid)
  if (resolved === 'beyond') return bad('There is no message of that number')
  if (plan.hasModseq) keepModseqs(session)
  if (request.vanished && changedSince !== undefined) await tellVanished(session, request.set, changedSince)
  const { uids, limit } = narrow(session, resolved, request)
  // UIDONLY with UID alone asked: that a message is there is still said, by its flags.
  const asked = plan.items.length > 0 ? plan : planOf({ items: [{ kind: 'flags' }], sees: plan.sees })
  const { lost, unknownEncoding } = await runFetch(session, asked, uids)
  if (unknownEncoding) return no('A part has an encoding that nobody here knows', 'UNKNOWN-CTE')
  if (lost && !byUid) return no('Some of the messages no longer exist', 'EXPUNGEISSUED')
  return ok('Fetched', limit)
}

/** A command that speaks of mod-sequences switches them on for the session (RFC 7162 3.1). */
function keepModseqs(session: Session): void {
  if (session.keepsModseq) return
  session.enabled.add('CONDSTORE')
  session.untagged(`OK [HIGHESTMODSEQ ${session.mailbox.view.folder.highestModseq}] Mod-sequences are told from now on`)
}

/**
 * Of the messages named, those to answer: first the window of PARTIAL, then what changed (RFC 9394 3.4), and of these the highest so many (RFC
 * 9738): `limit` is the response code that says so.
 */
function narrow(session: Session, uids: Uint32Array, request: Request): { uids: Uint32Array; limit?: string } {
  const { partial, changedSince } = request
  let kept = uids
  if (partial) {
    const [a, b] = partial
    kept =
      a > 0 ? kept.subarray(a - 1, b) : kept.subarray(Math.max(kept.length + a, 0), Math.max(kept.length + b + 1, 0))
  }
  // What is gone has no mod-sequence: it is for EXPUNGE to tell.
  if (changedSince !== undefined) kept = present(kept, session.mailbox.view, changedSince)
  const most = IMAP_LIMITS.messagesPerCommand
  if (kept.length <= most) return { uids: kept }
  kept = kept.subarray(kept.length - most)
  return { uids: kept, limit: `MESSAGELIMIT ${most} ${kept[0] ?? 0}` }
}

/** Every uid of the set that went after a mod-sequence and that this client does not number any more (RFC 7162 3.2.6). */
async function tellVanished(session: Session, set: SequenceSet, since: number): Promise<void> {
  const { mailbox } = session
  const all = missing(await vanishedSince(mailbox, since), mailbox.uids)
  const ranges = set.saved ? [] : normaliseRanges(set.ranges, mailbox.view.folder.uidNext - 1)
  const gone: number[] = []
  for (const [from, to] of ranges)
    for (let i = lowerBound(all, from); i < all.length && (all[i] ?? 0) <= to; i++) gone.push(all[i] ?? 0)
  if (gone.length > 0) session.untagged(`VANISHED (EARLIER) ${formatSet(gone)}`)
}
