import type { Tx } from '#db/client'
import type { AccountId, TenantId } from '#lib/ids'

/** Bytes still free in each of these mailboxes; readable by the delivery role. */
export async function selectRoom(
  tx: Tx,
  accounts: readonly { tenantId: TenantId; accountId: AccountId }[],
): Promise<{ accountId: AccountId; free: number }[]> {
  return tx<{ accountId: AccountId; free: number }[]>`
    select account_id "accountId", quota_bytes - used_bytes free from mailbox
    where (tenant_id, account_id) in (select * from unnest(${accounts.map((a) => a.tenantId)}::uuid[], ${accounts.map((a) => a.accountId)}::uuid[]))`
}
