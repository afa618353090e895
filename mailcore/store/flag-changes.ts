import { type BitChange, changedBits } from '#db/mail/queries/alter'
import { type Among, changeFlagRows, type FlagsChanged, lockFolderRow } from '#db/mail/queries/flags'
import { fromRuns } from '#db/mail/queries/message'
import type { FolderId } from '#lib/ids'
import type { FlagChange, FolderView, Stored } from '#mailcore/ports'
import { splitFlags } from '#mailcore/store/flags'
import { flagWord, lockFolder, type MailSession, noFolder } from '#mailcore/store/session'
import type { SharedAccount } from '#mailcore/store/shared'
import { lowerBound } from '#mailcore/store/view'

/** See MailStore.changeFlags. One round trip; a second where a keyword is new, or where others changed the folder since it was last looked at. */
export async function changeFlags(
  s: MailSession,
  shared: SharedAccount,
  folderId: FolderId,
  uids: readonly number[],
  change: FlagChange,
): Promise<Stored> {
  if (uids.length === 0) return { view: await shared.view(s, folderId), changed: [], modified: [], modseq: undefined }
  const known = shared.known(folderId)
  const bits = knownBits(known, change) ?? (await makeBits(s, folderId, change))
  const bitChange: BitChange = { action: change.action, bits }
  const since = change.unchangedSince === undefined ? Number.MAX_SAFE_INTEGER : Number(change.unchangedSince)
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId }
  const [[before], [row]] = await s.db.pipeline(s.tenantId, (sql) => [
    lockFolderRow(sql, at),
    changeFlagRows(sql, { ...at, among: amongOf(known, uids), since }, bitChange),
  ])
  if (!before || !row) throw noFolder()
  const changed = fromRuns(row.changed)
  const view = apply(shared.known(folderId), before.modseq, row, bitChange, changed) ?? (await shared.view(s, folderId))
  return {
    view: shared.learn(folderId, view),
    changed,
    modified: row.modified,
    modseq: row.modseq ?? undefined,
  }
}

/** The bits of the flags named, where this process knows the name of each: a keyword keeps its bit as long as the folder lives. */
function knownBits(view: FolderView | undefined, change: FlagChange): number | undefined {
  const { bits, keywords } = splitFlags(change.flags)
  let word = bits
  for (const keyword of keywords) {
    const found = [...(view?.keywords ?? [])].find(([, name]) => name.toLowerCase() === keyword.toLowerCase())
    if (!found) return undefined
    word |= 1 << found[0]
  }
  return word
}

/** Gives new keywords their bits, in a transaction of its own: one that stays unused does no harm. */
const makeBits = (s: MailSession, folderId: FolderId, change: FlagChange): Promise<number> =>
  s.db.withTenant(s.tenantId, async (tx) => {
    await lockFolder(tx, s, folderId)
    return flagWord(tx, s, folderId, change.flags, { create: change.action !== 'remove' })
  })

/** Uids that stand side by side in the view are a range: between them nothing can come any more. */
function amongOf(view: FolderView | undefined, uids: readonly number[]): Among {
  const sorted = isAscending(uids) ? uids : [...new Set(uids)].sort((a, b) => a - b)
  const first = sorted[0] ?? 0
  const last = sorted.at(-1) ?? 0
  if (last - first === sorted.length - 1) return { first, last }
  if (view && last < view.folder.uidNext) {
    const at = lowerBound(view.uids, first)
    if (view.uids[at + sorted.length - 1] === last && sorted.every((uid, i) => view.uids[at + i] === uid))
      return { first, last }
  }
  return { uids: sorted }
}

const isAscending = (uids: readonly number[]): boolean => uids.every((uid, i) => i === 0 || (uids[i - 1] ?? 0) < uid)

/** The view after the change, where `base` is the folder just before it. */
function apply(
  base: FolderView | undefined,
  modseqBefore: number,
  row: FlagsChanged,
  change: BitChange,
  changed: readonly number[],
): FolderView | undefined {
  if (!base || Number(base.folder.highestModseq) !== modseqBefore) return undefined
  if (row.modseq === null || row.unseen === null) return base
  // A keyword this view does not name yet: it is read again.
  for (let bit = 8; bit < 32; bit++) if (change.bits & (1 << bit) && !base.keywords.has(bit)) return undefined
  const flags = base.flags.slice()
  const modseqs = base.modseqs.slice()
  for (const uid of changed) {
    const at = lowerBound(base.uids, uid)
    flags[at] = changedBits(base.flags[at] ?? 0, change)
    modseqs[at] = row.modseq
  }
  const folder = { ...base.folder, highestModseq: BigInt(row.modseq), unseen: row.unseen }
  return { ...base, folder, flags, modseqs }
}
