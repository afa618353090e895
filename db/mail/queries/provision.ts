import type { MailDatabase, Tx } from '#db/client'
import { deleteOrphanBodies } from '#db/mail/queries/alter'
import { deleteGrantsTo } from '#db/mail/queries/grant'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

/** Inserts the mailbox row unless it stands; true when it was made now. */
export async function insertMailbox(
  tx: Tx,
  at: At & { inboxId: FolderId; nextUidValidity: number; quotaBytes: number; recoverDays: number },
): Promise<boolean> {
  const result = await tx`
    insert into mailbox (tenant_id, account_id, inbox_id, next_uid_validity, quota_bytes, recover_days)
    values (${at.tenantId}, ${at.accountId}, ${at.inboxId}, ${at.nextUidValidity}, ${at.quotaBytes}, ${at.recoverDays}) on conflict do nothing`
  return result.count === 1
}

/**
 * Changes the settings named. Fewer days for deleted mail also bring forward the end of what was deleted before,
 * so that the promise holds from this moment; more days lengthen nothing that was promised to go.
 */
export async function updateMailboxRow(
  tx: Tx,
  at: At,
  settings: { quotaBytes?: number; recoverDays?: number },
): Promise<void> {
  if (settings.quotaBytes !== undefined) {
    await tx`update mailbox set quota_bytes = ${settings.quotaBytes} where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  }
  if (settings.recoverDays !== undefined) {
    await tx`update mailbox set recover_days = ${settings.recoverDays} where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
    await tx`update deleted_message set purge_at = least(purge_at, deleted_at + make_interval(days => ${settings.recoverDays}::int))
             where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  }
}

/** Removes everything of an account from its mail database; what was there is counted. */
export async function deleteMailbox(tx: Tx, at: At): Promise<{ messages: number; bytes: number }> {
  const rows = await tx<{ messages: number; bytes: number }[]>`
    select messages, used_bytes bytes from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId} for update`
  await tx`delete from message m using folder f where m.tenant_id = ${at.tenantId} and f.tenant_id = m.tenant_id and f.id = m.folder_id and f.account_id = ${at.accountId}`
  await tx`delete from deleted_message where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  await tx`delete from accepted where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  await tx`delete from body where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  await deleteGrantsTo(tx, at)
  await tx`delete from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  await tx`delete from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  return rows[0] ?? { messages: 0, bytes: 0 }
}

/** Removes an account's waiting outbound mail; returns how many messages. */
export async function deleteQueued(db: MailDatabase, at: At): Promise<number> {
  const result = await db.withQueue(
    (tx) => tx`delete from outbound where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`,
  )
  return result.count
}

/** Removes deleted messages whose time is over, at most `most`, with the bodies nobody else refers to. */
export async function purgeExpired(tx: Tx, tenantId: TenantId, now: Date, most: number): Promise<number> {
  const rows = await tx<{ emailId: EmailId }[]>`
    with due as (select account_id, document from deleted_message where tenant_id = ${tenantId} and purge_at <= ${now} order by purge_at limit ${most})
    delete from deleted_message d using due where d.tenant_id = ${tenantId} and d.account_id = due.account_id and d.document = due.document
    returning d.email_id "emailId"`
  if (rows.length > 0)
    await deleteOrphanBodies(
      tx,
      tenantId,
      rows.map((row) => row.emailId),
    )
  return rows.length
}

export async function selectUsage(
  tx: Tx,
  tenantId: TenantId,
): Promise<{ accountId: AccountId; usedBytes: number; messages: number }[]> {
  return tx`select account_id "accountId", used_bytes "usedBytes", messages from mailbox where tenant_id = ${tenantId}`
}
