import type { Databases } from '#db/client'
import { selectDeleted } from '#db/mail/queries/alter'
import { selectFolder, selectMailbox } from '#db/mail/queries/folder'
import { appendMessage, fromRuns, selectChanges, selectContents, selectStates } from '#db/mail/queries/message'
import { BoxSealer } from '#lib/crypto/box'
import { Fault } from '#lib/errors'
import { type EmailId, type FolderId, newId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { FetchedMessage, FetchWant, MailStore, MailStores, MessageState, Recoverable } from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { ChangeHub } from '#mailcore/store/changes'
import {
  createFolder,
  deleteFolder,
  listFolders,
  readFolder,
  renameFolder,
  subscribeFolder,
} from '#mailcore/store/folders'
import { asIs, openBody, openMeta, packMeta, sealMessage, squeeze } from '#mailcore/store/sealing'
import {
  flagWord,
  folderAt,
  folderOf,
  keywordsOf,
  lockAll,
  type MailSession,
  mailSession,
  noFolder,
  snapshot,
  toFolder,
  toState,
} from '#mailcore/store/session'
import { copyTo, moveMessages, recoverTo, removeFrom, setFlags } from '#mailcore/store/transfer'

/** Messages opened in one go: bounds the memory of one FETCH. */
const META_BATCH = 1_000
const BODY_BATCH = 64
const BODY_BATCH_BYTES = 8 * 1024 * 1024

/** Opens mailboxes for sessions; see ports.MailStores. */
export function createMailStores(parts: { db: Databases; keys: KeyService; log: Log }): MailStores {
  const hub = new ChangeHub(parts.db, parts.log)
  const sealer = new BoxSealer()
  return {
    open: async (account) => {
      const keys = await parts.keys.mailboxKeys(account.tenantId, account.accountId)
      return openStore(mailSession(parts.db, account, keys), hub, sealer)
    },
  }
}

function openStore(session: MailSession, hub: ChangeHub, sealer: BoxSealer): MailStore {
  let open: MailSession | undefined = session
  const s = (): MailSession => {
    if (!open) throw new Fault('UNAUTHENTICATED', 'This session has ended. Sign in again.')
    return open
  }
  return {
    account: { tenantId: session.tenantId, accountId: session.accountId, region: session.region },
    folders: () => listFolders(s()),
    folder: (path) => readFolder(s(), path),
    createFolder: (path) => createFolder(s(), path),
    renameFolder: (from, to) => renameFolder(s(), from, to),
    deleteFolder: (path) => deleteFolder(s(), path),
    subscribe: (path, subscribed) => subscribeFolder(s(), path, subscribed),
    list: (folder, options) => {
      hub.watch(session.accountId, folder)
      return listMessages(s(), folder, options)
    },
    fetch: (folder, uids, want) => fetchMessages(s(), folder, uids, want),
    append: (path, message) => append(s(), sealer, path, message),
    setFlags: (folder, uids, change) => setFlags(s(), folder, uids, change),
    expunge: (folder, uids) => removeFrom(s(), folder, { uids, onlyDeleted: true }),
    remove: (folder, uids) => removeFrom(s(), folder, { uids, onlyDeleted: false }),
    copy: (folder, uids, toPath) => copyTo(s(), folder, uids, toPath),
    move: (folder, uids, toPath) => moveMessages(s(), folder, uids, toPath),
    changes: (folder, since) => listChanges(s(), folder, since),
    quota: () => readQuota(s()),
    recoverable: (options) => listRecoverable(s(), options),
    recover: (emails, toPath) => recoverTo(s(), emails, toPath),
    onChange: (listener) => hub.subscribe(session.region, session.accountId, listener),
    close: () => {
      open = undefined
    },
  }
}

async function listMessages(s: MailSession, folderId: FolderId, options: Parameters<MailStore['list']>[1] = {}) {
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

async function* fetchMessages(
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

async function append(
  s: MailSession,
  sealer: BoxSealer,
  path: string,
  message: { raw: Buffer; flags: readonly string[]; receivedAt: Date },
) {
  const { raw, receivedAt } = message
  const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: newId<EmailId>() }
  const content = { squeezedBody: squeeze(raw), squeezedMeta: asIs(packMeta(describeMessage(raw))) }
  const { pair, version } = s.keys
  const sealed = sealMessage(sealer, { publicKey: pair.publicKey, keyVersion: version }, ref, content)
  return s.db.withTenant(s.tenantId, async (tx) => {
    const folder = await folderAt(tx, s, path)
    let flags = await flagWord(tx, s, folder.id, message.flags, { create: false })
    if (message.flags.some((flag) => !flag.startsWith('\\'))) {
      const { folders } = await lockAll(tx, s, [folder.id])
      if (!folders.has(folder.id)) throw noFolder()
      flags = await flagWord(tx, s, folder.id, message.flags, { create: true })
    }
    const row = await appendMessage(tx, {
      ...ref,
      folderId: folder.id,
      flags,
      size: raw.length,
      receivedAt,
      wrappedKey: sealed.wrappedKey,
      body: sealed.body,
      meta: sealed.meta,
    })
    // Either way the transaction is undone: a folder deleted while we waited for the mailbox's lock leaves its counters raised.
    if (!row && !(await selectFolder(tx, { ...s, folderId: folder.id }))) throw noFolder()
    if (!row) throw new Fault('OVER_QUOTA', 'The mailbox is full. Delete something, or ask for more storage.')
    return { ...row, folderId: folder.id }
  })
}

async function listChanges(s: MailSession, folderId: FolderId, since: bigint) {
  const rows = await s.db.withTenant(s.tenantId, async (tx) => {
    await folderOf(tx, s, folderId)
    return selectChanges(tx, { tenantId: s.tenantId, folderId, sinceModseq: Number(since) })
  })
  return rows.map((row) => ({ modseq: BigInt(row.modseq), kind: row.kind, uids: fromRuns(row.uidRuns) }))
}

async function readQuota(s: MailSession) {
  const row = await s.db.withTenant(s.tenantId, (tx) => selectMailbox(tx, s))
  if (!row) throw new Fault('NOT_FOUND', 'There is no such mailbox.')
  return { usedBytes: row.usedBytes, limitBytes: row.quotaBytes, messages: row.messages }
}

async function listRecoverable(s: MailSession, options: { limit: number; before?: Date }): Promise<Recoverable[]> {
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
