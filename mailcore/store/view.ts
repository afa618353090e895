import { type ChangedViewRow, eachKeyword, STATE_BYTES, type ViewRow } from '#db/mail/queries/view'
import type { Folder, FolderView } from '#mailcore/ports'

/** What a view needs to open of a row: the folder's path and the names of keywords. */
export interface ViewNames {
  folder(row: ViewRow): Folder
  keyword(row: ViewRow, nameSealed: Buffer): string
}

type Columns = Pick<FolderView, 'uids' | 'flags' | 'modseqs' | 'sizes' | 'receivedAt' | 'savedAt'>

/** Where `uid` stands in ascending uids, or where it would. */
export function lowerBound(uids: ArrayLike<number>, uid: number): number {
  let low = 0
  let high = uids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((uids[middle] ?? 0) < uid) low = middle + 1
    else high = middle
  }
  return low
}

const emptyColumns = (length: number): Columns => ({
  uids: new Uint32Array(length),
  flags: new Int32Array(length),
  modseqs: new Float64Array(length),
  sizes: new Uint32Array(length),
  receivedAt: new Float64Array(length),
  savedAt: new Float64Array(length),
})

/** Decodes packed states; see STATE_BYTES. */
function readStates(packed: Buffer | null): Columns {
  const bytes = packed ?? Buffer.alloc(0)
  const length = Math.floor(bytes.length / STATE_BYTES)
  const columns = emptyColumns(length)
  const int64 = (at: number) => bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)
  for (let i = 0, at = 0; i < length; i++, at += STATE_BYTES) {
    columns.uids[i] = bytes.readUInt32BE(at)
    columns.flags[i] = bytes.readInt32BE(at + 4)
    columns.modseqs[i] = int64(at + 8)
    columns.sizes[i] = bytes.readUInt32BE(at + 16)
    columns.receivedAt[i] = int64(at + 20)
    columns.savedAt[i] = int64(at + 28)
  }
  return columns
}

function readKeywords(row: ViewRow, names: ViewNames): Map<number, string> {
  const keywords = new Map<number, string>()
  for (const { bit, nameSealed } of eachKeyword(row.keywords)) keywords.set(bit, names.keyword(row, nameSealed))
  return keywords
}

/** The view of a folder that was read whole. */
export const wholeView = (row: ViewRow, names: ViewNames): FolderView => ({
  folder: names.folder(row),
  ...readStates(row.states),
  keywords: readKeywords(row, names),
})

/**
 * The view that follows `base`, given what changed since; `base` itself when nothing did. Undefined when the row does not say enough.
 * Columns that did not change are those of `base`.
 */
export function nextView(base: FolderView, row: ChangedViewRow, names: ViewNames): FolderView | undefined {
  const folder = names.folder(row)
  if (folder.highestModseq === base.folder.highestModseq) {
    return sameFolder(folder, base.folder) ? base : { ...base, folder }
  }
  if (row.gone === null) return undefined
  const keywords = row.keywords === null ? base.keywords : readKeywords(row, names)
  const columns = merge(base, readStates(row.states), row.gone)
  // The counters of the row are the check on what was put together: were they to differ, the folder is read whole.
  return columns.uids.length === folder.messages ? { ...columns, folder, keywords } : undefined
}

/** Does the folder stand where it stood, but for its messages? */
export const sameFolder = (a: Folder, b: Folder): boolean =>
  a.path === b.path && a.subscribed === b.subscribed && a.specialUse === b.specialUse

/** `goneRuns` out of `base`, then `changed` into it. */
function merge(base: Columns, changed: Columns, goneRuns: readonly number[]): Columns {
  const kept = goneRuns.length === 0 ? base : without(base, goneRuns)
  const fresh: number[] = []
  for (let i = 0; i < changed.uids.length; i++) {
    const uid = changed.uids[i] ?? 0
    if (kept.uids[lowerBound(kept.uids, uid)] !== uid) fresh.push(i)
  }
  const next: Columns =
    fresh.length > 0
      ? withMore(kept, changed, fresh)
      : { ...kept, flags: kept.flags.slice(), modseqs: kept.modseqs.slice() }
  for (let i = 0; i < changed.uids.length; i++) {
    const at = lowerBound(next.uids, changed.uids[i] ?? 0)
    next.flags[at] = changed.flags[i] ?? 0
    next.modseqs[at] = changed.modseqs[i] ?? 0
  }
  return next
}

/** The messages outside the runs. */
function without(base: Columns, goneRuns: readonly number[]): Columns {
  const gone = new Uint8Array(base.uids.length)
  let count = 0
  for (let i = 0; i + 1 < goneRuns.length; i += 2) {
    const last = goneRuns[i + 1] ?? 0
    for (let at = lowerBound(base.uids, goneRuns[i] ?? 0); at < gone.length && (base.uids[at] ?? 0) <= last; at++) {
      if (gone[at] === 0) count++
      gone[at] = 1
    }
  }
  if (count === 0) return base
  const next = emptyColumns(base.uids.length - count)
  for (let from = 0, to = 0; from < gone.length; from++) if (gone[from] === 0) put(next, to++, base, from)
  return next
}

/** `base` and those of `changed` it does not have yet, in the order of their uids. */
function withMore(base: Columns, changed: Columns, fresh: readonly number[]): Columns {
  const length = base.uids.length + fresh.length
  const next = emptyColumns(length)
  const firstNew = changed.uids[fresh[0] ?? 0] ?? 0
  let from = lowerBound(base.uids, firstNew)
  for (const name of ['uids', 'flags', 'modseqs', 'sizes', 'receivedAt', 'savedAt'] as const)
    next[name].set(base[name].subarray(0, from))
  let nth = 0
  for (let to = from; to < length; to++) {
    const i = fresh[nth]
    const newUid = i === undefined ? Number.POSITIVE_INFINITY : (changed.uids[i] ?? 0)
    if (i !== undefined && (from >= base.uids.length || newUid < (base.uids[from] ?? 0))) {
      put(next, to, changed, i)
      nth++
    } else put(next, to, base, from++)
  }
  return next
}

function put(to: Columns, at: number, from: Columns, i: number): void {
  to.uids[at] = from.uids[i] ?? 0
  to.flags[at] = from.flags[i] ?? 0
  to.modseqs[at] = from.modseqs[i] ?? 0
  to.sizes[at] = from.sizes[i] ?? 0
  to.receivedAt[at] = from.receivedAt[i] ?? 0
  to.savedAt[at] = from.savedAt[i] ?? 0
}
