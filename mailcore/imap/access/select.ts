import { FLAG, type FolderView } from '#mailcore/ports'
import { type Answer, type Command, ok } from '../command'
import { keywordsTold } from '../keywords'
import { openMailbox } from '../mailboxes'
import { Selected } from '../selected'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { formatMailbox } from '../wire/format'
import type { SequenceSet } from '../wire/sequence-set'
import { deselect } from './close'
import { type Remembered, resync } from './resync'

interface Options {
  condstore: boolean
  remembered: Remembered | undefined
}

const command = (readOnly: boolean): Command => ({
  states: ['signed-in', 'selected'],
  tells: 'nothing',
  parse: (cursor, session) => {
    cursor.space()
    const name = cursor.mailbox()
    const options: Options = { condstore: false, remembered: undefined }
    if (cursor.more()) cursor.list(() => readOption(cursor, session, options))
    return (running) => open(running, name, readOnly, options)
  },
})

/** RFC 9051 6.3.2 */
export const select = command(false)
/** RFC 9051 6.3.3 */
export const examine = command(true)

function readOption(cursor: Cursor, session: Session, options: Options): void {
  if (cursor.maybeWord('CONDSTORE')) {
    options.condstore = true
    return
  }
  if (!cursor.maybeWord('QRESYNC')) cursor.fail('Unknown parameter')
  if (!session.enabled.has('QRESYNC')) cursor.fail('ENABLE QRESYNC first')
  cursor.space()
  cursor.expect('(')
  const uidValidity = cursor.number()
  cursor.space()
  const modseq = cursor.number64()
  let known: SequenceSet | undefined
  if (cursor.maybe(' ')) {
    if (cursor.atSet) {
      known = cursor.sequenceSet()
      countOf(cursor, known)
    }
    // Sequence numbers the client remembers spare some uids in VANISHED; leaving them aside is allowed (RFC 7162 3.2.5.2).
    if (known === undefined || cursor.maybe(' ')) {
      cursor.expect('(')
      const numbers = countOf(cursor, cursor.sequenceSet())
      cursor.space()
      if (countOf(cursor, cursor.sequenceSet()) !== numbers) cursor.fail('As many UIDs as numbers were expected')
      cursor.expect(')')
    }
  }
  cursor.expect(')')
  options.remembered = { uidValidity, modseq, known }
}

/** How many numbers stand in a set; neither `*` nor `$` may (RFC 7162 section 7, known-uids, known-sequence-set). */
function countOf(cursor: Cursor, set: SequenceSet): number {
  if (set.saved) return cursor.fail('A set of numbers was expected')
  let count = 0
  for (const [from, to] of set.ranges) {
    if (!Number.isFinite(to)) cursor.fail('"*" may not stand in this set')
    count += to - from + 1
  }
  return count
}

async function open(session: Session, name: string, readOnly: boolean, options: Options): Promise<Answer> {
  if (session.selected) {
    deselect(session)
    session.untagged('OK [CLOSED] The mailbox before is closed')
  }
  if (options.condstore) session.enabled.add('CONDSTORE')
  const { store, folder, rights } = await openMailbox(session, name, 'r')
  const view = await store.view(folder.id)
  const mayWrite = /[steiw]/.test(rights)
  const selected = new Selected({ store, name: folder.path, readOnly: readOnly || !mayWrite, rights, view })
  session.selected = selected
  introduce(session, selected, name)
  if (options.remembered) await resync(session, selected, options.remembered)
  return ok(readOnly ? 'Opened for reading' : 'Opened', selected.readOnly ? 'READ-ONLY' : 'READ-WRITE')
}

function introduce(session: Session, selected: Selected, name: string): void {
  const { view } = selected
  const { folder } = view
  session.tellFlags(selected)
  keywordsTold(selected, view)
  session.untagged(`${selected.count} EXISTS`)
  if (session.rev2) session.untagged(`LIST () "/" ${formatMailbox(name, session.wide)}`)
  else {
    session.untagged('0 RECENT')
    const unseen = session.uidOnly ? 0 : firstUnseen(view)
    if (unseen > 0) session.untagged(`OK [UNSEEN ${unseen}] First unseen message`)
  }
  session.untagged(`OK [UIDVALIDITY ${folder.uidValidity}] UIDs are valid`)
  session.untagged(`OK [UIDNEXT ${folder.uidNext}] Next UID`)
  session.untagged(`OK [HIGHESTMODSEQ ${folder.highestModseq}] Highest`)
  session.untagged(`OK [MAILBOXID (${folder.id})] Ok`)
}

function firstUnseen(view: FolderView): number {
  for (let i = 0; i < view.flags.length; i++) if (((view.flags[i] ?? 0) & FLAG.seen) === 0) return i + 1
  return 0
}
