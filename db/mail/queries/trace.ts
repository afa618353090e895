import type { Tx } from '#db/client'
import type { AccountId, TenantId, TraceId } from '#lib/ids'

export interface TraceKeyRow {
  tenantId: TenantId
  id: string
  /** Days since 1970-01-01 */
  day: number
  wrapped: Buffer
}

export interface TraceRow {
  tenantId: TenantId
  id: string
  keyId: string
  traceId: TraceId
  accountId: AccountId | null
  day: number
  direction: 'in' | 'out'
  step: 'accepted' | 'refused' | 'checked' | 'stored' | 'queued' | 'attempt' | 'settled' | 'told'
  at: Date
  sealed: Buffer
}

const BYTEA = 1001

/** Writes keys, then lines; one that is there already stays. Delivery role. */
export async function insertTrace(
  tx: Tx,
  { keys, lines }: { keys: readonly TraceKeyRow[]; lines: readonly TraceRow[] },
): Promise<void> {
  if (keys.length > 0) {
    await tx`
      insert into trace_key (tenant_id, id, day, wrapped)
      select t, i, d, w from unnest(${keys.map((one) => one.tenantId as string)}::uuid[], ${keys.map((one) => one.id)}::uuid[],
        ${keys.map((one) => one.day)}::int[], ${tx.array(
          keys.map((one) => one.wrapped),
          BYTEA,
        )}::bytea[]) v(t, i, d, w)
      on conflict do nothing`
  }
  await tx`
    insert into trace (tenant_id, id, key_id, trace_id, account_id, day, direction, step, at, sealed)
    select t, i, k, m, a, d, w, s, at, b from unnest(${lines.map((one) => one.tenantId as string)}::uuid[], ${lines.map((one) => one.id)}::uuid[],
      ${lines.map((one) => one.keyId)}::uuid[], ${lines.map((one) => one.traceId as string)}::uuid[],
      ${lines.map((one) => one.accountId as string | null)}::uuid[], ${lines.map((one) => one.day)}::int[], ${lines.map((one) => one.direction)}::text[],
      ${lines.map((one) => one.step)}::text[], ${lines.map((one) => one.at.toISOString())}::timestamptz[], ${tx.array(
        lines.map((one) => one.sealed),
        BYTEA,
      )}::bytea[]) v(t, i, k, m, a, d, w, s, at, b)
    on conflict do nothing`
}

export interface TraceSearch {
  tenantId: TenantId
  accountId?: AccountId
  traceId?: TraceId
  direction?: 'in' | 'out'
  from?: Date
  to?: Date
  /** Messages whose last step is older than this one's, as answered before */
  before?: { at: Date; traceId: TraceId }
  /** Messages, not lines */
  limit: number
}

/** The messages whose way has a line that fits, those with the latest step first. */
export async function selectTraced(tx: Tx, search: TraceSearch): Promise<{ traceId: TraceId; at: Date }[]> {
  const { tenantId, before } = search
  return tx<{ traceId: TraceId; at: Date }[]>`
    select trace_id "traceId", max(at) at from trace
    where tenant_id = ${tenantId}
      ${search.accountId ? tx`and account_id = ${search.accountId}` : tx``}
      ${search.traceId ? tx`and trace_id = ${search.traceId}` : tx``}
      ${search.direction ? tx`and direction = ${search.direction}` : tx``}
      ${search.from ? tx`and at >= ${search.from}` : tx``}
      ${search.to ? tx`and at < ${search.to}` : tx``}
    group by trace_id
    ${before ? tx`having (max(at), trace_id) < (${before.at}, ${before.traceId})` : tx``}
    order by max(at) desc, trace_id desc limit ${search.limit}`
}

/** All lines of some messages, in the order of their steps; of one account only where it is named. */
export async function selectTrace(
  tx: Tx,
  of: { tenantId: TenantId; accountId?: AccountId; traceIds: readonly TraceId[] },
): Promise<TraceRow[]> {
  return tx<TraceRow[]>`
    select tenant_id "tenantId", id, key_id "keyId", trace_id "traceId", account_id "accountId", day, direction, step, at, sealed from trace
    where tenant_id = ${of.tenantId} and trace_id = any(${of.traceIds as readonly string[] as string[]}::uuid[])
      ${of.accountId ? tx`and account_id = ${of.accountId}` : tx``}
    order by at, id`
}

/** A page of a tenant's lines of one day, in a fixed order, from behind `after` on. */
export async function selectTraceOfDay(
  tx: Tx,
  of: { tenantId: TenantId; day: number; after: string | null; limit: number },
): Promise<TraceRow[]> {
  return tx<TraceRow[]>`
    select tenant_id "tenantId", id, key_id "keyId", trace_id "traceId", account_id "accountId", day, direction, step, at, sealed from trace
    where tenant_id = ${of.tenantId} and day = ${of.day} ${of.after ? tx`and id > ${of.after}` : tx``}
    order by id limit ${of.limit}`
}

export async function selectTraceKeys(
  tx: Tx,
  of: { tenantId: TenantId; ids: readonly string[] },
): Promise<TraceKeyRow[]> {
  return tx<TraceKeyRow[]>`
    select tenant_id "tenantId", id, day, wrapped from trace_key where tenant_id = ${of.tenantId} and id = any(${of.ids as string[]}::uuid[])`
}

/** Removes the keys of all days before one, and with them their lines; at most `most` keys, so that no transaction grows long. Returns how many. System role. */
export async function deleteTraceBefore(tx: Tx, day: number, most: number): Promise<number> {
  const result = await tx`
    delete from trace_key where (tenant_id, id) in (select tenant_id, id from trace_key where day < ${day} limit ${most})`
  return result.count
}

/** How many keys of lines from before a day are left. System role. */
export async function countTraceBefore(tx: Tx, day: number): Promise<number> {
  const rows = await tx<{ n: number }[]>`select count(*)::int n from trace_key where day < ${day}`
  return rows[0]?.n ?? 0
}
