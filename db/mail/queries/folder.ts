import type { Tx } from '#db/client'
import type { folder } from '#db/mail/schema/index'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

type SpecialUse = NonNullable<(typeof folder.$inferSelect)['specialUse']>

export interface FolderRow {
  id: FolderId
  accountId: AccountId
  nameSealed: Buffer
  specialUse: SpecialUse | null
  subscribed: boolean
  uidValidity: number
  uidNext: number
  modseq: number
  messages: number
  unseen: number
  size: number
}

const columns = (
  tx: Tx,
) => tx`id, account_id "accountId", name_sealed "nameSealed", special_use "specialUse", subscribed,
  uid_validity "uidValidity", uid_next "uidNext", modseq, messages, unseen, size`

export async function selectFolders(tx: Tx, at: { tenantId: TenantId; accountId: AccountId }): Promise<FolderRow[]> {
  return tx<
    FolderRow[]
  >`select ${columns(tx)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
}

export async function selectFolderByName(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; nameHash: Buffer },
): Promise<FolderRow | undefined> {
  const rows = await tx<FolderRow[]>`
    select ${columns(tx)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and name_hash = ${at.nameHash}`
  return rows[0]
}

export async function selectFolder(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderId: FolderId },
): Promise<FolderRow | undefined> {
  const rows = await tx<FolderRow[]>`
    select ${columns(tx)} from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId}`
  return rows[0]
}

export interface MailboxRow {
  inboxId: FolderId
  nextDocument: number
  nextUidValidity: number
  usedBytes: number
  messages: number
  quotaBytes: number
  recoverDays: number
}

/** Locks the account's row: always before any of its folders, so that nothing waits in a circle. */
export async function lockMailbox(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId },
): Promise<MailboxRow | undefined> {
  const rows = await tx<MailboxRow[]>`
    select inbox_id "inboxId", next_document "nextDocument", next_uid_validity "nextUidValidity", used_bytes "usedBytes", messages,
      quota_bytes "quotaBytes", recover_days "recoverDays"
    from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId} for update`
  return rows[0]
}

export async function selectMailbox(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId },
): Promise<MailboxRow | undefined> {
  const rows = await tx<MailboxRow[]>`
    select inbox_id "inboxId", next_document "nextDocument", next_uid_validity "nextUidValidity", used_bytes "usedBytes", messages,
      quota_bytes "quotaBytes", recover_days "recoverDays"
    from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  return rows[0]
}

/** Locks folders of one account in the order of their ids. */
export async function lockFolders(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderIds: readonly FolderId[] },
): Promise<FolderRow[]> {
  return tx<FolderRow[]>`
    select ${columns(tx)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and id = any(${at.folderIds}::uuid[])
    order by id for update`
}

export interface NewFolder {
  tenantId: TenantId
  accountId: AccountId
  id: FolderId
  nameHash: Buffer
  nameSealed: Buffer
  specialUse: SpecialUse | null
  uidValidity: number
}

export async function insertFolders(tx: Tx, folders: readonly NewFolder[]): Promise<void> {
  await tx`insert into folder ${tx(
    folders.map((f) => ({
      tenant_id: f.tenantId,
      id: f.id,
      account_id: f.accountId,
      name_hash: f.nameHash,
      name_sealed: f.nameSealed,
      special_use: f.specialUse,
      uid_validity: f.uidValidity,
    })),
  )}`
}

export async function takeUidValidity(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId },
  taken: number,
): Promise<void> {
  await tx`update mailbox set next_uid_validity = ${taken + 1} where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
}

export async function renameFolderRow(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId },
  name: { hash: Buffer; sealed: Buffer },
): Promise<void> {
  await tx`update folder set name_hash = ${name.hash}, name_sealed = ${name.sealed} where tenant_id = ${at.tenantId} and id = ${at.folderId}`
}

export async function deleteFolderRow(tx: Tx, at: { tenantId: TenantId; folderId: FolderId }): Promise<void> {
  await tx`delete from folder where tenant_id = ${at.tenantId} and id = ${at.folderId}`
}

export async function setSubscribed(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId },
  subscribed: boolean,
): Promise<void> {
  await tx`update folder set subscribed = ${subscribed} where tenant_id = ${at.tenantId} and id = ${at.folderId}`
}

export interface KeywordRow {
  bit: number
  nameSealed: Buffer
}

export async function selectKeywords(tx: Tx, at: { tenantId: TenantId; folderId: FolderId }): Promise<KeywordRow[]> {
  return tx<
    KeywordRow[]
  >`select bit, name_sealed "nameSealed" from keyword where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} order by bit`
}

/** Adds a keyword under the lowest free bit from 8 to 31; the folder must be locked. */
export async function insertKeyword(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId; bit: number },
  name: { hash: Buffer; sealed: Buffer },
): Promise<void> {
  await tx`insert into keyword (tenant_id, folder_id, bit, name_hash, name_sealed) values (${at.tenantId}, ${at.folderId}, ${at.bit}, ${name.hash}, ${name.sealed})`
}
