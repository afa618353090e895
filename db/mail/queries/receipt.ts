import type { Tx } from '#db/client'
import type { AccountId, TenantId, TraceId } from '#lib/ids'

export interface ReceiptRow {
  tenantId: TenantId
  accountId: AccountId
  id: string
  traceId: TraceId
  messageHash: Buffer
  at: Date
  wrappedKey: Buffer
  sealed: Buffer
}

/** Keeps one part. Delivery role. */
export async function insertReceipt(tx: Tx, row: ReceiptRow): Promise<void> {
  await tx`
    insert into receipt (tenant_id, account_id, id, trace_id, message_hash, at, wrapped_key, sealed)
    values (${row.tenantId}, ${row.accountId}, ${row.id}, ${row.traceId}, ${row.messageHash}, ${row.at}, ${row.wrappedKey}, ${row.sealed})`
}

/** The parts that belong to one message, in their order. */
export async function selectReceiptsOf(
  tx: Tx,
  of: { tenantId: TenantId; accountId: AccountId; messageHash: Buffer; limit: number },
): Promise<ReceiptRow[]> {
  return tx<ReceiptRow[]>`
    select tenant_id "tenantId", account_id "accountId", id, trace_id "traceId", message_hash "messageHash", at, wrapped_key "wrappedKey", sealed
    from receipt where tenant_id = ${of.tenantId} and account_id = ${of.accountId} and message_hash = ${of.messageHash}
    order by at, id limit ${of.limit}`
}

/** Removes a tenant's parts from before a moment; returns how many. */
export async function deleteReceiptsBefore(tx: Tx, tenantId: TenantId, before: Date): Promise<number> {
  const result = await tx`delete from receipt where tenant_id = ${tenantId} and at < ${before}`
  return result.count
}
