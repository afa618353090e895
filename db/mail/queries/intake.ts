import type { MailDatabase, Tx } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

export interface WaitingRow {
  folderId: FolderId
  uid: number
  emailId: EmailId
  wrappedKey: Buffer
  envelopeSealed: Buffer
  attempts: number
  arrivedAt: Date
}

/** What waits for the account's script, oldest first. */
export async function selectWaiting(tx: Tx, at: At, limit: number): Promise<WaitingRow[]> {
  return tx<WaitingRow[]>`
    select i.folder_id "folderId", i.uid, m.email_id "emailId", b.wrapped_key "wrappedKey", i.envelope_sealed "envelopeSealed", i.attempts,
      i.arrived_at "arrivedAt"
    from intake i
    join message m on m.tenant_id = i.tenant_id and m.folder_id = i.folder_id and m.uid = i.uid
    join body b on b.tenant_id = m.tenant_id and b.email_id = m.email_id
    where i.tenant_id = ${at.tenantId} and i.account_id = ${at.accountId} order by i.uid limit ${limit}`
}

/** Takes a message out of the waiting ones; false when it is not among them any more. */
export async function takeWaiting(tx: Tx, at: At & { folderId: FolderId; uid: number }): Promise<boolean> {
  const result = await tx`
    delete from intake where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and folder_id = ${at.folderId} and uid = ${at.uid}`
  return result.count === 1
}

/** Counts an attempt; returns how many there are now, 0 when the message waits no more. */
export async function countAttempt(tx: Tx, at: At & { uid: number }): Promise<number> {
  const rows = await tx<{ attempts: number }[]>`
    update intake set attempts = attempts + 1 where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and uid = ${at.uid} returning attempts`
  return rows[0]?.attempts ?? 0
}

/** Forgets what happened in the intake folder once nothing is left in it: no client ever asks, and it would grow for ever. */
export async function forgetIntakeChanges(tx: Tx, at: { tenantId: TenantId; folderId: FolderId }): Promise<void> {
  await tx`delete from change where tenant_id = ${at.tenantId} and folder_id = ${at.folderId}
           and not exists (select 1 from message where tenant_id = ${at.tenantId} and folder_id = ${at.folderId})`
}

/** Whose mail waits, over all tenants, those who have waited longest first. */
export async function selectPending(db: MailDatabase, most: number): Promise<At[]> {
  return db.withQueue(
    (tx) => tx<At[]>`
      select tenant_id "tenantId", account_id "accountId" from intake group by tenant_id, account_id order by min(arrived_at) limit ${most}`,
  )
}

/**
 * Takes the account's turn for as long as the transaction lives; false when another worker has it. An advisory lock, since it ends with its connection:
 * a worker that dies leaves nothing to wait for.
 */
export async function takeTurn(tx: Tx, accountId: AccountId): Promise<boolean> {
  const rows = await tx<
    { taken: boolean }[]
  >`select pg_try_advisory_xact_lock(hashtextextended(${`filter ${accountId}`}, 0)) "taken"`
  return rows[0]?.taken === true
}
