import { setImmediate as turn } from 'node:timers/promises'
import type { Tx } from '#db/client'
import { removeMessages } from '#db/mail/queries/alter'
import {
  appendByName,
  countAppended,
  insertPrepared,
  lockFolderByName,
  lockMailboxRow,
  type Prepared,
} from '#db/mail/queries/append'
import type { FolderRow } from '#db/mail/queries/folder'
import { announce, selectStates } from '#db/mail/queries/message'
import { DAY_MS } from '#lib/clock'
import type { BoxSealer } from '#lib/crypto/box'
import { Fault } from '#lib/errors'
import { type EmailId, type FolderId, newId } from '#lib/ids'
import type { NewMessage } from '#mailcore/ports'
import { describeMessage } from '#mailcore/proto/mime/describe'
import { splitFlags } from '#mailcore/store/flags'
import { canonicalPath, hashPath } from '#mailcore/store/folder-names'
import { asIs, packMeta, sealMessage, squeeze } from '#mailcore/store/sealing'
import { flagWord, folderAt, lockAll, type MailSession, noFolder } from '#mailcore/store/session'

export const full = () => new Fault('OVER_QUOTA', 'The mailbox is full. Delete something, or ask for more storage.')

/** Describes, compresses and seals a message for its own mailbox. */
function prepare(s: MailSession, sealer: BoxSealer, message: NewMessage): Omit<Prepared, 'flags'> {
  const { raw, receivedAt } = message
  const emailId = newId<EmailId>()
  const content = { squeezedBody: squeeze(raw), squeezedMeta: asIs(packMeta(describeMessage(raw))) }
  const { pair, version } = s.keys
  const recipient = { publicKey: pair.publicKey, keyVersion: version }
  const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId }
  return { emailId, size: raw.length, receivedAt, ...sealMessage(sealer, recipient, ref, content) }
}

/** See MailStore.append. One round trip, unless it brings keywords. */
export async function append(s: MailSession, sealer: BoxSealer, path: string, message: NewMessage) {
  const { bits, keywords } = splitFlags(message.flags)
  if (keywords.length > 0) {
    const { uids, ...placed } = await appendAll(s, sealer, path, [message])
    return { ...placed, uid: uids[0] ?? 0 }
  }
  const at = { tenantId: s.tenantId, accountId: s.accountId, nameHash: hashPath(s.keys, canonicalPath(path)) }
  const row = { ...prepare(s, sealer, message), flags: bits }
  const [, folder, [appended]] = await s.db.pipeline(s.tenantId, (sql) => [
    lockMailboxRow(sql, at),
    lockFolderByName(sql, at),
    appendByName(sql, at, row),
  ])
  if (folder.length === 0) throw noFolder()
  if (!appended) throw full()
  return { uidValidity: appended.uidValidity, uid: appended.uid, folderId: appended.folderId }
}

/** See MailStore.appendAll. */
export async function appendAll(s: MailSession, sealer: BoxSealer, path: string, messages: readonly NewMessage[]) {
  const prepared: Omit<Prepared, 'flags'>[] = []
  for (const message of messages) {
    // A large one takes a fifth of a second to compress and seal: others have a turn in between.
    if (prepared.length > 0) await turn()
    prepared.push(prepare(s, sealer, message))
  }
  return s.db.withTenant(s.tenantId, async (tx) => {
    const target = await folderAt(tx, s, path)
    const { mailbox, folders } = await lockAll(tx, s, [target.id])
    const folder = folders.get(target.id)
    if (!folder) throw noFolder()
    if (mailbox.usedBytes + sum(prepared) > mailbox.quotaBytes) throw full()
    const uids = await put(tx, s, folder, mailbox.nextDocument, await withFlags(tx, s, folder.id, messages, prepared))
    return { uidValidity: folder.uidValidity, uids, folderId: folder.id }
  })
}

/** See MailStore.replace: an observer sees the one message or the other. */
export async function replace(
  s: MailSession,
  sealer: BoxSealer,
  old: { folderId: FolderId; uid: number },
  path: string,
  message: NewMessage,
) {
  const prepared = [prepare(s, sealer, message)]
  return s.db.withTenant(s.tenantId, async (tx) => {
    const target = await folderAt(tx, s, path)
    const { mailbox, folders } = await lockAll(tx, s, [target.id, old.folderId])
    const folder = folders.get(target.id)
    const source = folders.get(old.folderId)
    if (!folder || !source) throw noFolder()
    const [state] = await selectStates(tx, { tenantId: s.tenantId, folderId: source.id }, { uids: [old.uid] })
    if (!state) throw new Fault('NOT_FOUND', 'The message to be replaced is gone.')
    if (mailbox.usedBytes - state.size + sum(prepared) > mailbox.quotaBytes) throw full()
    const rows = await withFlags(tx, s, folder.id, [message], prepared)
    const [uid] = await put(tx, s, folder, mailbox.nextDocument, rows)
    const now = new Date()
    const purgeAt = mailbox.recoverDays > 0 ? new Date(now.getTime() + mailbox.recoverDays * DAY_MS) : null
    const at = { ...s, folderId: source.id, modseq: source.id === folder.id ? folder.modseq + 2 : source.modseq + 1 }
    const gone = await removeMessages(tx, { ...at, uids: [old.uid], onlyDeleted: false, now, purgeAt })
    await announce(tx, { ...at, kind: 'expunged' }, gone)
    return { uidValidity: folder.uidValidity, uid: uid ?? 0, folderId: folder.id }
  })
}

const sum = (rows: readonly { size: number }[]): number => rows.reduce((bytes, row) => bytes + row.size, 0)

async function withFlags(
  tx: Tx,
  s: MailSession,
  folder: FolderId,
  messages: readonly NewMessage[],
  prepared: readonly Omit<Prepared, 'flags'>[],
): Promise<Prepared[]> {
  const rows: Prepared[] = []
  for (const [i, row] of prepared.entries())
    rows.push({ ...row, flags: await flagWord(tx, s, folder, messages[i]?.flags ?? [], { create: true }) })
  return rows
}

/** Writes messages into a locked folder of a locked mailbox, under one mod-sequence. Returns their uids. */
async function put(
  tx: Tx,
  s: MailSession,
  folder: FolderRow,
  firstDocument: number,
  rows: readonly Prepared[],
): Promise<number[]> {
  const uids = rows.map((_, i) => folder.uidNext + i)
  if (uids.length === 0) return uids
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId: folder.id, modseq: folder.modseq + 1 }
  const unseen = rows.filter((row) => (row.flags & 1) === 0).length
  await Promise.all([
    ...countAppended(tx, at, { messages: rows.length, bytes: sum(rows), unseen }),
    ...rows.map((row, i) => insertPrepared(tx, { ...at, uid: uids[i] ?? 0, document: firstDocument + i }, row)),
    announce(tx, { ...at, kind: 'added' }, uids),
  ])
  return uids
}
