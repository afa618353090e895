import type { Tx } from '#db/client'
import type { QuarantineCause } from '#db/mail/queries/deliver'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

export interface QuarantinedRow {
  uid: number
  cause: QuarantineCause
  arrivedAt: Date
  size: number
  emailId: EmailId
  wrappedKey: Buffer
  meta: Buffer
}

/** What is in quarantine, newest first. */
export async function selectQuarantined(tx: Tx, at: At, limit: number): Promise<QuarantinedRow[]> {
  return tx<QuarantinedRow[]>`
    select q.uid, q.cause, q.arrived_at "arrivedAt", m.size, m.email_id "emailId", b.wrapped_key "wrappedKey", r.sealed "meta"
    from quarantined q
    join message m on m.tenant_id = q.tenant_id and m.folder_id = q.folder_id and m.uid = q.uid
    join meta_row r on r.tenant_id = q.tenant_id and r.folder_id = q.folder_id and r.uid = q.uid
    join body b on b.tenant_id = m.tenant_id and b.email_id = m.email_id
    where q.tenant_id = ${at.tenantId} and q.account_id = ${at.accountId} order by q.arrived_at desc, q.uid desc limit ${limit}`
}

/** The account's hidden folder for it. */
export async function selectQuarantineFolder(tx: Tx, at: At): Promise<FolderId | undefined> {
  const rows = await tx<{ id: FolderId }[]>`
    select id from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and special_use = 'quarantine'`
  return rows[0]?.id
}

/** Takes messages out of quarantine, in a locked folder; returns those that were there, ascending. The messages themselves are the caller's. */
export async function takeQuarantined(
  tx: Tx,
  at: At & { folderId: FolderId; uids: readonly number[] },
): Promise<number[]> {
  const rows = await tx<{ uid: number }[]>`
    delete from quarantined where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and folder_id = ${at.folderId}
      and uid = any(${at.uids as number[]}::bigint[]) returning uid`
  return rows.map((row) => row.uid).sort((a, b) => a - b)
}

/** What came into quarantine before a moment, account by account. */
export async function selectOverdue(
  tx: Tx,
  at: { tenantId: TenantId; before: Date; limit: number },
): Promise<{ accountId: AccountId; uids: number[] }[]> {
  return tx<{ accountId: AccountId; uids: number[] }[]>`
    select account_id "accountId", array_agg(uid::float8 order by uid) "uids" from (
      select account_id, uid from quarantined where tenant_id = ${at.tenantId} and arrived_at < ${at.before} order by arrived_at limit ${at.limit}) q
    group by account_id`
}

/** Accounts made before there was quarantine. */
export async function selectWithoutQuarantine(tx: Tx, tenantId: TenantId): Promise<AccountId[]> {
  const rows = await tx<{ accountId: AccountId }[]>`
    select account_id "accountId" from mailbox m where tenant_id = ${tenantId} and not exists (
      select 1 from folder f where f.tenant_id = m.tenant_id and f.account_id = m.account_id and f.special_use = 'quarantine')`
  return rows.map((row) => row.accountId)
}
