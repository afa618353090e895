import type { Tx } from '#db/client'
import {
  changedBits,
  copyMessages,
  dropMoved,
  type Landed,
  recoverMessages,
  removeMessages,
  sizeOf,
  updateFlags,
} from '#db/mail/queries/alter'
import type { FolderRow } from '#db/mail/queries/folder'
import { announce, selectStates } from '#db/mail/queries/message'
import { DAY_MS } from '#lib/clock'
import type { EmailId, FolderId } from '#lib/ids'
import { FLAG, type FlagChange, type MessageState, type Placed } from '#mailcore/ports'
import { full } from '#mailcore/store/append'
import { FIRST_KEYWORD_BIT, LAST_KEYWORD_BIT } from '#mailcore/store/flags'
import {
  flagWord,
  folderAt,
  keywordsOf,
  lockAll,
  lockFolder,
  type MailSession,
  noFolder,
  toState,
} from '#mailcore/store/session'

/** Changes flags; see MailStore.setFlags. */
export async function setFlags(
  s: MailSession,
  folderId: FolderId,
  uids: readonly number[],
  change: FlagChange,
): Promise<{ changed: MessageState[]; modified: number[] }> {
  if (uids.length === 0) return { changed: [], modified: [] }
  return s.db.withTenant(s.tenantId, async (tx) => {
    const folder = await lockFolder(tx, s, folderId)
    const bits = await flagWord(tx, s, folderId, change.flags, { create: change.action !== 'remove' })
    const at = { ...s, folderId, modseq: folder.modseq + 1 }
    // The folder's lock keeps every other change of its flags away until we commit, so what is read here still holds when it is written.
    const [keywords, states] = await Promise.all([keywordsOf(tx, s, folderId), selectStates(tx, at, { uids })])
    const since = change.unchangedSince === undefined ? Number.POSITIVE_INFINITY : Number(change.unchangedSince)
    const modified = states.filter((row) => row.modseq > since).map((row) => row.uid)
    const bitChange = { action: change.action, bits }
    const touched: number[] = []
    let unseenChange = 0
    const changed: MessageState[] = []
    for (const row of states) {
      if (row.modseq > since) continue
      const flags = changedBits(row.flags, bitChange)
      if (flags === row.flags) {
        changed.push(toState(row, keywords))
        continue
      }
      touched.push(row.uid)
      unseenChange += (row.flags & FLAG.seen) - (flags & FLAG.seen)
      changed.push(toState({ ...row, flags, modseq: at.modseq }, keywords))
    }
    if (touched.length > 0) {
      await Promise.all([
        updateFlags(tx, { ...at, uids: touched, unseenChange }, bitChange),
        announce(tx, { ...at, kind: 'flags' }, touched),
      ])
    }
    return { changed, modified }
  })
}

/** Removes messages: those marked \Deleted, or whatever is named. */
export async function removeFrom(
  s: MailSession,
  folderId: FolderId,
  options: { uids?: readonly number[]; onlyDeleted: boolean },
): Promise<number[]> {
  if (options.uids?.length === 0) return []
  return s.db.withTenant(s.tenantId, async (tx) => {
    const { mailbox, folders } = await lockAll(tx, s, [folderId])
    const folder = folders.get(folderId)
    if (!folder) throw noFolder()
    const now = new Date()
    const purgeAt = mailbox.recoverDays > 0 ? new Date(now.getTime() + mailbox.recoverDays * DAY_MS) : null
    const at = { ...s, folderId, modseq: folder.modseq + 1 }
    const gone = await removeMessages(tx, { ...at, ...options, now, purgeAt })
    if (gone.length > 0) await announce(tx, { ...at, kind: 'expunged' }, gone)
    return gone
  })
}

/** Copies messages to another folder: all of them, or none. */
export async function copyTo(
  s: MailSession,
  folderId: FolderId,
  uids: readonly number[],
  toPath: string,
): Promise<Placed> {
  return s.db.withTenant(s.tenantId, async (tx) => {
    const target = await folderAt(tx, s, toPath)
    if (uids.length === 0) return { uidValidity: target.uidValidity, sourceUids: [], uids: [] }
    const { mailbox, source, to } = await lockPair(tx, s, folderId, target.id)
    const { bytes, bits } = await sizeOf(tx, { ...s, folderId, uids })
    if (mailbox.usedBytes + bytes > mailbox.quotaBytes) throw full()
    const landed = await land(tx, s, { source, to, uids, bits, firstDocument: mailbox.nextDocument })
    return placed(to, landed)
  })
}

/** Moves messages: whoever looks sees each in one of the two folders, never in none (I-D2). */
export async function moveMessages(
  s: MailSession,
  folderId: FolderId,
  which: readonly number[] | 'all',
  toPath: string,
): Promise<Placed> {
  return s.db.withTenant(s.tenantId, async (tx) => {
    const target = await folderAt(tx, s, toPath)
    if (which.length === 0) return { uidValidity: target.uidValidity, sourceUids: [], uids: [] }
    const { mailbox, source, to } = await lockPair(tx, s, folderId, target.id)
    const uids = which === 'all' ? (await selectStates(tx, { ...s, folderId })).map((row) => row.uid) : which
    const { bits } = await sizeOf(tx, { ...s, folderId, uids })
    const landed = await land(tx, s, { source, to, uids, bits, firstDocument: mailbox.nextDocument })
    const modseq = source.id === to.id ? to.modseq + 2 : source.modseq + 1
    if (landed.length === 0) return placed(to, landed)
    const gone = await dropMoved(tx, { ...s, folderId, modseq, uids: landed.map((l) => l.sourceUid) })
    await announce(tx, { ...s, folderId, modseq, kind: 'expunged' }, gone)
    return placed(to, landed)
  })
}

async function lockPair(tx: Tx, s: MailSession, from: FolderId, to: FolderId) {
  const { mailbox, folders } = await lockAll(tx, s, [from, to])
  const source = folders.get(from)
  const target = folders.get(to)
  if (!source || !target) throw noFolder()
  return { mailbox, source, to: target }
}

async function land(
  tx: Tx,
  s: MailSession,
  at: { source: FolderRow; to: FolderRow; uids: readonly number[]; bits: number; firstDocument: number },
): Promise<Landed[]> {
  const modseq = at.to.modseq + 1
  const bits = await mapKeywords(tx, s, at.source.id, at.to.id, at.bits)
  const landed = await copyMessages(tx, {
    ...s,
    folderId: at.source.id,
    toId: at.to.id,
    firstUid: at.to.uidNext,
    firstDocument: at.firstDocument,
    modseq,
    uids: at.uids,
    bits,
  })
  if (landed.length > 0)
    await announce(
      tx,
      { ...s, folderId: at.to.id, modseq, kind: 'added' },
      landed.map((l) => l.uid),
    )
  return landed
}

/** The keyword bits in use among the messages, as they are in the source and in the destination. */
async function mapKeywords(
  tx: Tx,
  s: MailSession,
  from: FolderId,
  to: FolderId,
  used: number,
): Promise<(readonly [number, number])[]> {
  if ((used & ~255) === 0) return []
  const names = await keywordsOf(tx, s, from)
  const pairs: (readonly [number, number])[] = []
  for (let bit = FIRST_KEYWORD_BIT; bit <= LAST_KEYWORD_BIT; bit++) {
    const name = names.get(bit)
    if ((used & (1 << bit)) === 0 || name === undefined) continue
    const word = from === to ? 1 << bit : await flagWord(tx, s, to, [name], { create: true })
    pairs.push([bit, 31 - Math.clz32(word)])
  }
  return pairs
}

const placed = (to: FolderRow, landed: readonly Landed[]): Placed => ({
  uidValidity: to.uidValidity,
  sourceUids: landed.map((l) => l.sourceUid),
  uids: landed.map((l) => l.uid),
})

/** Brings deleted messages back; see MailStore.recover. */
export async function recoverTo(s: MailSession, emails: readonly EmailId[], toPath: string): Promise<Placed> {
  return s.db.withTenant(s.tenantId, async (tx) => {
    const target = await folderAt(tx, s, toPath)
    if (emails.length === 0) return { uidValidity: target.uidValidity, sourceUids: [], uids: [] }
    const { mailbox, folders } = await lockAll(tx, s, [target.id])
    const folder = folders.get(target.id)
    if (!folder) throw noFolder()
    const modseq = folder.modseq + 1
    const at = { ...s, folderId: folder.id, modseq }
    const { uids, full: noRoom } = await recoverMessages(tx, {
      ...at,
      now: new Date(),
      emails,
      firstUid: folder.uidNext,
      firstDocument: mailbox.nextDocument,
      freeBytes: mailbox.quotaBytes - mailbox.usedBytes,
    })
    if (noRoom) throw full()
    if (uids.length > 0) await announce(tx, { ...at, kind: 'added' }, uids)
    return { uidValidity: folder.uidValidity, sourceUids: [], uids }
  })
}
