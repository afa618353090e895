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

/** Keeps parts; those of a mailbox that is gone meanwhile are left out. Delivery role. */
export async function insertReceipts(tx: Tx, rows: readonly ReceiptRow[]): Promise<void> {
  const bytes = (of: (row: ReceiptRow) => Buffer) => tx.array(rows.map(of), 1001)
  await tx`
    insert into receipt (tenant_id, account_id, id, trace_id, message_hash, at, wrapped_key, sealed)
    select t, a, i, m, h, w, k, s from unnest(${rows.map((row) => row.tenantId as string)}::uuid[], ${rows.map((row) => row.accountId as string)}::uuid[],
      ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.traceId as string)}::uuid[], ${bytes((row) => row.messageHash)}::bytea[],
      ${rows.map((row) => row.at.toISOString())}::timestamptz[], ${bytes((row) => row.wrappedKey)}::bytea[], ${bytes((row) => row.sealed)}::bytea[])
      v(t, a, i, m, h, w, k, s)
    where exists (select 1 from mailbox b where b.tenant_id = v.t and b.account_id = v.a)`
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
