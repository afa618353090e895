import { flagText } from '../flags'
import { missing, type Selected } from '../selected'
import type { Session } from '../session'
import { formatSet, lowerBound, normaliseRanges, type SequenceSet } from '../wire/sequence-set'

/** What a client that knows QRESYNC remembers of the mailbox (RFC 7162 3.2.5). */
export interface Remembered {
  uidValidity: number
  modseq: number
  known: SequenceSet | undefined
}

/**
 * Brings a client that remembers the mailbox up to date (RFC 7162 3.2.5): first what vanished since, then every message whose flags changed.
 * With another UIDVALIDITY what it remembers is worth nothing, and nothing is sent.
 */
export async function resync(session: Session, selected: Selected, remembered: Remembered): Promise<void> {
  const { view } = selected
  if (remembered.uidValidity !== view.folder.uidValidity) return
  const known = inSet(remembered.known, view.folder.uidNext - 1)
  const gone = (await vanishedSince(selected, remembered.modseq)).filter(known)
  if (gone.length > 0) session.untagged(`VANISHED (EARLIER) ${formatSet(gone)}`)
  for (let i = 0; i < view.uids.length; i++) {
    const modseq = view.modseqs[i] ?? 0
    const uid = view.uids[i] ?? 0
    if (modseq <= remembered.modseq || !known(uid)) continue
    const uidItem = session.uidOnly ? '' : `UID ${uid} `
    session.out.text(`${session.fetchPrefix(i + 1, uid)}${uidItem}FLAGS (${flagText(view, i)}) MODSEQ (${modseq}))\r\n`)
    if (session.out.full) await session.out.flush()
  }
}

/** The uids that went after a mod-sequence, ascending: every one of them (I-M3), none that is there. */
export async function vanishedSince(selected: Selected, modseq: number): Promise<Uint32Array> {
  const since = BigInt(Math.min(modseq, Number.MAX_SAFE_INTEGER))
  const gone = new Set<number>()
  for (const { uids } of await selected.store.changes(selected.folderId, since, 'expunged'))
    for (const uid of uids) gone.add(uid)
  return missing(Uint32Array.from(gone).sort(), selected.view.uids)
}

function inSet(set: SequenceSet | undefined, last: number): (uid: number) => boolean {
  if (!set || set.saved) return () => true
  const ranges = normaliseRanges(set.ranges, last)
  const starts = ranges.map(([from]) => from)
  return (uid) => uid <= (ranges[lowerBound(starts, uid + 1) - 1]?.[1] ?? 0)
}
