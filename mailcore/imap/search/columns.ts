import type { FolderView } from '#mailcore/ports'
import type { Selected } from '../selected'
import { lowerBound } from '../wire/sequence-set'

/** What is known of messages without asking: the view's columns for those messages that a search is about, ascending by uid. */
export type Columns = Pick<FolderView, 'uids' | 'flags' | 'modseqs' | 'sizes' | 'receivedAt' | 'savedAt' | 'keywords'>

/** The messages that the client knows and that are still there. */
export function columnsOf(selected: Selected): Columns {
  return selected.uids === selected.view.uids ? selected.view : columnsFor(selected.view, selected.uids)
}

/** Those of `uids` (ascending) that are in the view. */
export function columnsFor(view: FolderView, uids: ArrayLike<number>): Columns {
  const at: number[] = []
  let from = uids.length > 0 ? lowerBound(view.uids, uids[0] ?? 0) : 0
  for (let i = 0; i < uids.length && from < view.uids.length; i++) {
    const uid = uids[i] ?? 0
    while (from < view.uids.length && (view.uids[from] ?? 0) < uid) from++
    if (view.uids[from] === uid) at.push(from)
  }
  return {
    uids: Uint32Array.from(at, (i) => view.uids[i] ?? 0),
    flags: Int32Array.from(at, (i) => view.flags[i] ?? 0),
    modseqs: Float64Array.from(at, (i) => view.modseqs[i] ?? 0),
    sizes: Uint32Array.from(at, (i) => view.sizes[i] ?? 0),
    receivedAt: Float64Array.from(at, (i) => view.receivedAt[i] ?? 0),
    savedAt: Float64Array.from(at, (i) => view.savedAt[i] ?? 0),
    keywords: view.keywords,
  }
}

/** Numbers a client knows the messages by: uids, or sequence numbers. `at` are places in the columns. */
export function numbersOf(selected: Selected, columns: Columns, at: ArrayLike<number>, byUid: boolean): Uint32Array {
  const numbers = new Uint32Array(at.length)
  const same = columns.uids === selected.uids
  for (let i = 0; i < at.length; i++) {
    const place = at[i] ?? 0
    const uid = columns.uids[place] ?? 0
    numbers[i] = byUid ? uid : same ? place + 1 : selected.sequenceOf(uid)
  }
  return numbers
}
