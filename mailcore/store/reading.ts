import { selectDeleted } from '#db/mail/queries/alter'
import { selectFolder, selectMailbox } from '#db/mail/queries/folder'
import { fromRuns, selectChanges, selectContents, selectEmailIds, selectStates } from '#db/mail/queries/message'
import { Fault } from '#lib/errors'
import type { EmailId, FolderId } from '#lib/ids'
import type { ChangeEntry, FetchedMessage, FetchWant, MailStore, MessageState, Recoverable } from '#mailcore/ports'
import { openBody, openMeta } from '#mailcore/store/sealing'
import { folderOf, keywordsOf, type MailSession, noFolder, snapshot, toFolder, toState } from '#mailcore/store/session'

/** Messages opened in one go: bounds the memory of one FETCH. */
const META_BATCH = 1_000
const BODY_BATCH = 64
const BODY_BATCH_BYTES = 8 * 1024 * 1024

/** See MailStore.list. */
export async function listMessages(s: MailSession, folderId: FolderId, options: Parameters<MailStore['list']>[1] = {}) {
  return snapshot(s, async (tx) => {
    const { sinceModseq, ...rest } = options
    const [row, keywords, states] = await Promise.all([
      folderOf(tx, s, folderId),
      keywordsOf(tx, s, folderId),
      selectStates(
        tx,
        { tenantId: s.tenantId, folderId },
        { ...rest, sinceModseq: sinceModseq === undefined ? undefined : Number(sinceModseq) },
      ),
    ])
    const messages = states.map((state) => toState(state, keywords))
    return { folder: toFolder(s, row), messages: options.newestFirst ? messages.reverse() : messages }
  })
}

/** See MailStore.fetch. */
export async function* fetchMessages(
  s: MailSession,
  folderId: FolderId,
  uids: readonly number[],
  want: FetchWant,
): AsyncIterable<FetchedMessage> {
  const sorted = [...uids].sort((a, b) => a - b)
  for (let at = 0; at < sorted.length; at += META_BATCH) {
    const batch = sorted.slice(at, at + META_BATCH)
    const { folder, states } = await s.db.withTenant(s.tenantId, async (tx) => {
      const row = await folderOf(tx, s, folderId)
      const [keywords, found] = await Promise.all([
        keywordsOf(tx, s, folderId),
        selectStates(tx, { tenantId: s.tenantId, folderId }, { uids: batch }),
      ])
      return { folder: row, states: found.map((state) => toState(state, keywords)) }
    })
    if (!want.meta && !want.body) yield* states
    else for (const group of grouped(states, want)) yield* openGroup(s, folder.id, group, want)
  }
}

/** Messages in groups small enough to be held open together. */
function* grouped(states: readonly MessageState[], want: FetchWant): Iterable<MessageState[]> {
  if (!want.body) {
    yield [...states]
    return
  }
  let group: MessageState[] = []
  let bytes = 0
  for (const state of states) {
    if (group.length > 0 && (group.length >= BODY_BATCH || bytes + state.size > BODY_BATCH_BYTES)) {
      yield group
      group = []
      bytes = 0
    }
    group.push(state)
    bytes += state.size
  }
  if (group.length > 0) yield group
}

async function* openGroup(
  s: MailSession,
  folderId: FolderId,
  group: readonly MessageState[],
  want: FetchWant,
): AsyncIterable<FetchedMessage> {
  const rows = await s.db.withTenant(s.tenantId, (tx) =>
    selectContents(
      tx,
      { tenantId: s.tenantId, folderId, uids: group.map((state) => state.uid) },
      { meta: want.meta === true, body: want.body === true },
    ),
  )
  const byUid = new Map(rows.map((row) => [row.uid, row]))
  for (const state of group) {
    const row = byUid.get(state.uid)
    if (!row) continue // expunged between the two statements
    const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId }
    const message: FetchedMessage = { ...state }
    if (row.meta) message.meta = openMeta(s.keys.opener, ref, row.wrappedKey, row.meta)
    if (row.body) message.raw = openBody(s.keys.opener, ref, row.wrappedKey, row.body)
    yield message
  }
}

/** See MailStore.changes. */
export async function listChanges(s: MailSession, folderId: FolderId, since: bigint, kind?: ChangeEntry['kind']) {
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId, sinceModseq: Number(since), kind }
  const [[folder], rows] = await s.db.pipeline(s.tenantId, (sql) => [selectFolder(sql, at), selectChanges(sql, at)])
  if (!folder) throw noFolder()
  return rows.map((row) => ({ modseq: BigInt(row.modseq), kind: row.kind, uids: fromRuns(row.uidRuns) }))
}

/** See MailStore.emailIds. */
export async function readEmailIds(
  s: MailSession,
  folderId: FolderId,
  uids: ArrayLike<number>,
): Promise<Map<number, EmailId>> {
  const at = { tenantId: s.tenantId, folderId, uids: Array.from(uids) }
  const [rows] = await s.db.pipeline(s.tenantId, (sql) => [selectEmailIds(sql, at)])
  return new Map(rows.map((row) => [row.uid, row.emailId]))
}

/** See MailStore.quota. */
export async function readQuota(s: MailSession) {
  const [[row]] = await s.db.pipeline(s.tenantId, (sql) => [selectMailbox(sql, s)])
  if (!row) throw new Fault('NOT_FOUND', 'There is no such mailbox.')
  return { usedBytes: row.usedBytes, limitBytes: row.quotaBytes, messages: row.messages }
}

/** See MailStore.recoverable. */
export async function listRecoverable(
  s: MailSession,
  options: { limit: number; before?: Date },
): Promise<Recoverable[]> {
  const rows = await s.db.withTenant(s.tenantId, (tx) => selectDeleted(tx, { ...s, now: new Date(), ...options }))
  return rows.map((row) => ({
    emailId: row.emailId,
    deletedAt: row.deletedAt,
    purgeAt: row.purgeAt,
    size: row.size,
    meta: openMeta(
      s.keys.opener,
      { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId },
      row.wrappedKey,
      row.metaSealed,
    ),
  }))
}
