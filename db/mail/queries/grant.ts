import type { Tx } from '#db/client'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

/** The grantee that stands for anyone in the tenant. */
export const ANYONE = '00000000-0000-0000-0000-000000000000' as AccountId

interface At {
  tenantId: TenantId
  folderId: FolderId
}

export interface GrantRow {
  granteeId: AccountId
  rights: string
  granteeSealed: Buffer
}

/** The grants on a folder; rows that hold a subscription and no right of their own are left out. */
export async function selectGrants(tx: Tx, at: At): Promise<GrantRow[]> {
  return tx<GrantRow[]>`
    select grantee_id "granteeId", rights, grantee_sealed "granteeSealed" from folder_grant
    where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and rights <> '' order by grantee_id`
}

/** Sets a grant; who listens to the folder goes on doing so. */
export async function upsertGrant(
  tx: Tx,
  at: At,
  grant: { granteeId: AccountId; ownerId: AccountId; rights: string; granteeSealed: Buffer; ownerSealed: Buffer },
): Promise<void> {
  await tx`
    insert into folder_grant (tenant_id, folder_id, grantee_id, owner_id, rights, grantee_sealed, owner_sealed)
    values (${at.tenantId}, ${at.folderId}, ${grant.granteeId}, ${grant.ownerId}, ${grant.rights}, ${grant.granteeSealed}, ${grant.ownerSealed})
    on conflict (tenant_id, folder_id, grantee_id)
    do update set rights = excluded.rights, grantee_sealed = excluded.grantee_sealed, owner_sealed = excluded.owner_sealed`
}

export async function deleteGrant(tx: Tx, at: At, granteeId: AccountId): Promise<void> {
  await tx`delete from folder_grant where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and grantee_id = ${granteeId}`
}

/** Takes away what an account was granted by others: for the end of the account. What it granted itself goes with its folders. */
export async function deleteGrantsTo(tx: Tx, at: { tenantId: TenantId; accountId: AccountId }): Promise<void> {
  await tx`delete from folder_grant where tenant_id = ${at.tenantId} and grantee_id = ${at.accountId}`
}

export interface SharedRow {
  folderId: FolderId
  granteeId: AccountId
  ownerId: AccountId
  rights: string
  ownerSealed: Buffer
  subscribed: boolean
}

/** What an account was granted on the folders of others, alone or as anyone; one row per grant. */
export async function selectSharedWith(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderId?: FolderId },
): Promise<SharedRow[]> {
  const one = at.folderId === undefined ? tx`` : tx`and folder_id = ${at.folderId}`
  return tx<SharedRow[]>`
    select folder_id "folderId", grantee_id "granteeId", owner_id "ownerId", rights, owner_sealed "ownerSealed", subscribed from folder_grant
    where tenant_id = ${at.tenantId} and grantee_id in (${at.accountId}, ${ANYONE}) and owner_id <> ${at.accountId} ${one}
    order by owner_id, folder_id`
}

/** Notes that the grantee listens to a shared folder, or no longer; makes a row without rights where only anyone was granted some. */
export async function setSharedSubscription(
  tx: Tx,
  at: At & { granteeId: AccountId; granteeSealed: Buffer },
  subscribed: boolean,
): Promise<void> {
  await tx`
    insert into folder_grant (tenant_id, folder_id, grantee_id, owner_id, rights, grantee_sealed, owner_sealed, subscribed)
    select tenant_id, folder_id, ${at.granteeId}::uuid, owner_id, '', ${at.granteeSealed}::bytea, owner_sealed, ${subscribed}::boolean from folder_grant
    where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and grantee_id in (${at.granteeId}, ${ANYONE}) limit 1
    on conflict (tenant_id, folder_id, grantee_id) do update set subscribed = excluded.subscribed`
}

export async function mailboxExists(tx: Tx, at: { tenantId: TenantId; accountId: AccountId }): Promise<boolean> {
  const rows = await tx`select 1 from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  return rows.length > 0
}

/** The sealed access key of a folder's URLs, or null. */
export async function selectUrlKey(tx: Tx, at: At & { accountId: AccountId }): Promise<Buffer | null | undefined> {
  const rows = await tx<{ sealed: Buffer | null }[]>`
    select url_key_sealed "sealed" from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId}`
  return rows[0]?.sealed
}

/** Sets a new access key, or keeps the one another session has just made; returns the one that stands. */
export async function putUrlKey(
  tx: Tx,
  at: At & { accountId: AccountId },
  sealed: Buffer,
  reset: boolean,
): Promise<Buffer | undefined> {
  const rows = await tx<{ sealed: Buffer }[]>`
    update folder set url_key_sealed = case when ${reset}::boolean then ${sealed}::bytea else coalesce(url_key_sealed, ${sealed}::bytea) end
    where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId} returning url_key_sealed "sealed"`
  return rows[0]?.sealed
}
