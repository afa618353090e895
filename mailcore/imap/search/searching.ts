import { type Answer, bad, no } from '../command'
import type { Selected } from '../selected'
import type { Session } from '../session'
import type { Results } from './answer'
import { columnsOf } from './columns'
import { settleContexts, watch } from './contexts'
import { find, type Source } from './find'
import { type Pace, paceOf } from './pace'
import { CHARSETS, type Program } from './parse'
import type { Returns } from './returns'

const NONE = new Uint32Array(0)

/** One run of SEARCH, SORT or THREAD. */
export interface Search {
  program: Program
  returns?: Returns | undefined
  byUid: boolean
}

/** What the criteria found, ready to be put in order and told. */
export interface Found extends Results {
  source: Source
  rhythm: Pace
}

/**
 * Runs `work` on the messages that match, or answers why not: BADCHARSET, or UIDREQUIRED for sequence numbers after UIDONLY (RFC 9586). A search
 * that was to SAVE and is refused leaves an empty `$` (RFC 5182 2.1).
 */
export async function searching(
  session: Session,
  { program, returns, byUid }: Search,
  work: (found: Found) => Promise<Answer>,
): Promise<Answer> {
  const selected = session.mailbox
  if (program.bySequence && session.uidOnly) return bad('Message numbers are not used after UIDONLY', 'UIDREQUIRED')
  const { charset } = program
  try {
    if (charset !== undefined && !CHARSETS.includes(charset)) {
      if (returns?.save) selected.saved = NONE
      return no('That charset is not known', `BADCHARSET (${CHARSETS.join(' ')})`)
    }
    if (program.modseq) session.enabled.add('CONDSTORE')
    await settleContexts(selected)
    const rhythm = paceOf(session)
    const source = { store: selected.store, folder: selected.folderId }
    const columns = columnsOf(selected)
    const at = await find(source, program.key, columns, around(selected), rhythm)
    return await work({ session, selected, columns, at, byUid, modseq: program.modseq, source, rhythm })
  } catch (error) {
    if (returns?.save) selected.saved = NONE
    throw error
  }
}

export const around = ({ uids, saved }: Selected) => ({ uids, saved, now: Date.now() })

/** Keeps the result up to date from now on, or says that it will not be (RFC 5267 4.3.1). `uids` in the order of the answer. */
export function keepUpdated(
  found: Found,
  program: Program,
  saved: Uint32Array,
  again?: () => Promise<Uint32Array>,
): void {
  const { session, selected, columns, at, byUid } = found
  const uids = at.map((i) => columns.uids[i] ?? 0)
  const { tag } = session
  const kept = watch(session, selected, { tag, byUid, key: program.key, saved, uids, ...(again ? { again } : {}) })
  if (!kept) session.untagged(`NO [NOUPDATE "${tag.replace(/["\\]/g, '\\$&')}"] There are too many contexts`)
}
