import type { Databases, Tx } from '#db/client'
import { copyMessages, dropMoved, removeMessages } from '#db/mail/queries/alter'
import {
  type FolderRow,
  insertFolders,
  lockFolders,
  lockMailbox,
  type MailboxRow,
  takeUidValidity,
} from '#db/mail/queries/folder'
import { forgetIntakeChanges } from '#db/mail/queries/intake'
import { announce } from '#db/mail/queries/message'
import {
  selectOverdue,
  selectQuarantined,
  selectQuarantineFolder,
  selectWithoutQuarantine,
  takeQuarantined,
} from '#db/mail/queries/quarantine'
import { DAY_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { type AccountId, type FolderId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import type { Quarantined } from '#mailcore/ports'
import { fieldText, readHeader } from '#mailcore/proto/header'
import { hashPath, QUARANTINE_NAME, sealPath } from '#mailcore/store/folder-names'
import { openMeta } from '#mailcore/store/sealing'
import type { MailSession } from '#mailcore/store/session'

/** See MailStore.quarantined. What does not open is listed all the same, without sender and subject: it can be deleted. */
export async function listQuarantined(s: MailSession, limit: number): Promise<Quarantined[]> {
  const rows = await s.db.withTenant(s.tenantId, (tx) => selectQuarantined(tx, s, limit))
  return rows.map(({ uid, cause, arrivedAt, size, ...row }) => {
    const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId }
    try {
      const header = readHeader(Buffer.from(openMeta(s.keys.opener, ref, row.wrappedKey, row.meta).header, 'latin1'))
      const text = (name: string) => fieldText(header, name) ?? ''
      return { uid, cause, arrivedAt, size, sender: text('from'), subject: text('subject') }
    } catch {
      return { uid, cause, arrivedAt, size, sender: '', subject: '' }
    }
  })
}

interface At {
  tenantId: TenantId
  accountId: AccountId
}

/** What an act on quarantine works with: rows locked, messages taken off the list. */
interface Held {
  mailbox: MailboxRow
  inbox: FolderRow
  from: At & { folderId: FolderId; modseq: number; uids: number[] }
}

/** Runs `work` on those of the messages that are in quarantine still; returns how many. The row on the list is what makes it happen once. */
async function take(tx: Tx, at: At, uids: readonly number[], work: (held: Held) => Promise<unknown>): Promise<number> {
  const mailbox = await lockMailbox(tx, at)
  const folderId = await selectQuarantineFolder(tx, at)
  if (!mailbox || folderId === undefined || uids.length === 0) return 0
  const rows = await lockFolders(tx, { ...at, folderIds: [folderId, mailbox.inboxId] })
  const folder = rows.find((row) => row.id === folderId)
  const inbox = rows.find((row) => row.id === mailbox.inboxId)
  if (!folder || !inbox) return 0
  const taken = await takeQuarantined(tx, { ...at, folderId, uids })
  if (taken.length === 0) return 0
  await work({ mailbox, inbox, from: { ...at, folderId, modseq: folder.modseq + 1, uids: taken } })
  // No client ever asks what happened there.
  await forgetIntakeChanges(tx, { tenantId: at.tenantId, folderId })
  return taken.length
}

const of = (s: At): At => ({ tenantId: s.tenantId, accountId: s.accountId })

/** See MailStore.releaseQuarantined: whoever looks sees a message in quarantine or in INBOX, never in none. */
export const releaseQuarantined = (s: MailSession, uids: readonly number[]): Promise<number> =>
  s.db.withTenant(s.tenantId, (tx) =>
    take(tx, of(s), uids, async ({ mailbox, inbox, from }) => {
      const modseq = inbox.modseq + 1
      const landed = await copyMessages(tx, {
        ...from,
        modseq,
        toId: inbox.id,
        firstUid: inbox.uidNext,
        firstDocument: mailbox.nextDocument,
        bits: [],
      })
      await announce(
        tx,
        { ...of(s), folderId: inbox.id, modseq, kind: 'added' },
        landed.map((one) => one.uid),
      )
      await dropMoved(tx, from)
    }),
  )

/** See MailStore.deleteQuarantined. */
export const deleteQuarantined = (s: MailSession, uids: readonly number[]): Promise<number> =>
  s.db.withTenant(s.tenantId, (tx) => discard(tx, of(s), uids, new Date()))

const discard = (tx: Tx, at: At, uids: readonly number[], now: Date): Promise<number> =>
  take(tx, at, uids, ({ mailbox, from }) => {
    const purgeAt = mailbox.recoverDays > 0 ? new Date(now.getTime() + mailbox.recoverDays * DAY_MS) : null
    return removeMessages(tx, { ...from, onlyDeleted: false, now, purgeAt })
  })

/** Messages deleted in one transaction at most: bounds its locks and its length. */
const SWEEP_BATCH = 500

/** Deletes what has been in quarantine since before `before`, like its owner would; returns how many messages. */
export async function sweepQuarantined(
  db: Databases,
  tenantId: TenantId,
  region: RegionId,
  before: Date,
): Promise<number> {
  const mail = db.mail(region)
  let total = 0
  for (;;) {
    const due = await mail.withTenant(tenantId, (tx) => selectOverdue(tx, { tenantId, before, limit: SWEEP_BATCH }))
    let gone = 0
    for (const { accountId, uids } of due)
      gone += await mail.withTenant(tenantId, (tx) => discard(tx, { tenantId, accountId }, uids, new Date()))
    total += gone
    if (gone === 0) return total
  }
}

/** Makes the hidden folder for mailboxes that were made before there was one; returns how many. Until then their quarantine is Junk. */
export async function addQuarantine(
  parts: { db: Databases; keys: KeyService },
  tenantId: TenantId,
  region: RegionId,
): Promise<number> {
  const mail = parts.db.mail(region)
  const accounts = await mail.withTenant(tenantId, (tx) => selectWithoutQuarantine(tx, tenantId))
  for (const accountId of accounts) {
    const at = { tenantId, accountId }
    const keys = await parts.keys.mailboxKeys(tenantId, accountId).catch((error: unknown) => {
      // On its way out: its keys are gone, its rows will be.
      if (codeOf(error) === 'NOT_FOUND') return null
      throw error
    })
    if (!keys) continue
    await mail.withTenant(tenantId, async (tx) => {
      const mailbox = await lockMailbox(tx, at)
      if (!mailbox || (await selectQuarantineFolder(tx, at)) !== undefined) return
      const id = newId<FolderId>()
      const uidValidity = Math.max(mailbox.nextUidValidity, Math.floor(Date.now() / 1000))
      const name = { nameHash: hashPath(keys, QUARANTINE_NAME), nameSealed: sealPath(keys, at, id, QUARANTINE_NAME) }
      await insertFolders(tx, [{ ...at, id, ...name, specialUse: 'quarantine', uidValidity }])
      await takeUidValidity(tx, at, uidValidity)
    })
  }
  return accounts.length
}
