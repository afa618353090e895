import type { RowsOf, Tx, Writer } from '#db/client'
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

/** The columns of a FolderRow. */
export const folderColumns = (
  sql: Writer,
) => sql`id, account_id "accountId", name_sealed "nameSealed", special_use "specialUse", subscribed,
  uid_validity "uidValidity", uid_next "uidNext", modseq, messages, unseen, size`

/** A condition: the owner can see it. Where mail waits for the filter and where it is in quarantine, no mail program looks. */
export const visible = (sql: Writer) => sql`(special_use in ('intake', 'quarantine')) is not true`

/** Folders an owner can see. */
export const selectFolders = (sql: Writer, at: { tenantId: TenantId; accountId: AccountId }): RowsOf<FolderRow> =>
  sql<FolderRow[]>`select ${folderColumns(sql)} from folder
    where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and ${visible(sql)}`

/** Every folder, also what its owner does not see. */
export const selectAllFolders = (sql: Writer, at: { tenantId: TenantId; accountId: AccountId }): RowsOf<FolderRow> =>
  sql<
    FolderRow[]
  >`select ${folderColumns(sql)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`

/** The folder of a name; at most one row. */
export const selectFolderByName = (
  sql: Writer,
  at: { tenantId: TenantId; accountId: AccountId; nameHash: Buffer },
): RowsOf<FolderRow> => sql<FolderRow[]>`
  select ${folderColumns(sql)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and name_hash = ${at.nameHash}
    and ${visible(sql)}`

/** The folder of an id; at most one row. */
export const selectFolder = (
  sql: Writer,
  at: { tenantId: TenantId; accountId: AccountId; folderId: FolderId },
): RowsOf<FolderRow> => sql<FolderRow[]>`
  select ${folderColumns(sql)} from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId}`

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

export const selectMailbox = (sql: Writer, at: { tenantId: TenantId; accountId: AccountId }): RowsOf<MailboxRow> =>
  sql<MailboxRow[]>`
    select inbox_id "inboxId", next_document "nextDocument", next_uid_validity "nextUidValidity", used_bytes "usedBytes", messages,
      quota_bytes "quotaBytes", recover_days "recoverDays"
    from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`

/** Locks folders of one account in the order of their ids. */
export async function lockFolders(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderIds: readonly FolderId[] },
): Promise<FolderRow[]> {
  return tx<FolderRow[]>`
    select ${folderColumns(tx)} from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and id = any(${at.folderIds}::uuid[])
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

/** Tells who listens that the list of folders is another one: for the rows of `f`. */
const tell = (tx: Tx) => tx`select pg_notify('mail', account_id || ' ' || id) from f`

export async function insertFolders(tx: Tx, folders: readonly NewFolder[]): Promise<void> {
  await tx`with f as (insert into folder ${tx(
    folders.map((f) => ({
      tenant_id: f.tenantId,
      id: f.id,
      account_id: f.accountId,
      name_hash: f.nameHash,
      name_sealed: f.nameSealed,
      special_use: f.specialUse,
      uid_validity: f.uidValidity,
    })),
  )} returning account_id, id) ${tell(tx)}`
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
  await tx`with f as (update folder set name_hash = ${name.hash}, name_sealed = ${name.sealed} where tenant_id = ${at.tenantId} and id = ${at.folderId}
    returning account_id, id) ${tell(tx)}`
}

export async function deleteFolderRow(tx: Tx, at: { tenantId: TenantId; folderId: FolderId }): Promise<void> {
  await tx`with f as (delete from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} returning account_id, id) ${tell(tx)}`
}

export async function setSubscribed(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId },
  subscribed: boolean,
): Promise<void> {
  await tx`with f as (update folder set subscribed = ${subscribed} where tenant_id = ${at.tenantId} and id = ${at.folderId}
    returning account_id, id) ${tell(tx)}`
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
