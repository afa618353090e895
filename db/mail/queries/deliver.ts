import type { Tx } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

export interface DeliveryTarget {
  tenantId: TenantId
  accountId: AccountId
  inboxId: FolderId
  nextDocument: number
  usedBytes: number
  quotaBytes: number
}

/**
 * Locks the mailboxes named by the pairs of ids, always in the same order, so that two flushes never wait for each other in a circle.
 * The lock is held to commit: document numbers, uids and mod-sequences become visible in the order in which they were given (I-U2, I-M2).
 */
export async function lockMailboxes(
  tx: Tx,
  tenants: readonly TenantId[],
  accounts: readonly AccountId[],
): Promise<DeliveryTarget[]> {
  return tx<DeliveryTarget[]>`
    select tenant_id "tenantId", account_id "accountId", inbox_id "inboxId", next_document "nextDocument", used_bytes "usedBytes", quota_bytes "quotaBytes"
    from mailbox where (tenant_id, account_id) in (select * from unnest(${tenants}::uuid[], ${accounts}::uuid[]))
    order by tenant_id, account_id for update`
}

export interface Arrival {
  tenantId: TenantId
  accountId: AccountId
  inboxId: FolderId
  count: number
  bytes: number
}

/** Raises the counters of mailboxes and inboxes. Returns, per inbox, the first uid of its new messages and their mod-sequence. */
export async function countArrivals(
  tx: Tx,
  arrivals: readonly Arrival[],
): Promise<Map<FolderId, { firstUid: number; modseq: number }>> {
  const tenants = arrivals.map((a) => a.tenantId)
  const counts = arrivals.map((a) => a.count)
  const bytes = arrivals.map((a) => a.bytes)
  const [, rows] = await Promise.all([
    tx`update mailbox m set next_document = next_document + v.n, used_bytes = used_bytes + v.b, messages = messages + v.n
       from unnest(${tenants}::uuid[], ${arrivals.map((a) => a.accountId)}::uuid[], ${counts}::int[], ${bytes}::bigint[]) v(t, a, n, b)
       where m.tenant_id = v.t and m.account_id = v.a`,
    tx<{ id: FolderId; firstUid: number; modseq: number }[]>`
      update folder f set uid_next = uid_next + v.n, modseq = modseq + 1, messages = messages + v.n, unseen = unseen + v.n, size = size + v.b
      from unnest(${tenants}::uuid[], ${arrivals.map((a) => a.inboxId)}::uuid[], ${counts}::int[], ${bytes}::bigint[]) v(t, f, n, b)
      where f.tenant_id = v.t and f.id = v.f returning f.id, f.uid_next - v.n "firstUid", f.modseq`,
  ])
  return new Map(rows.map((row) => [row.id, row]))
}

export interface NewMessage {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  uid: number
  document: number
  emailId: EmailId
  modseq: number
  size: number
  receivedAt: Date
  wrappedKey: Buffer
  body: Buffer
  meta: Buffer
}

/** Rows a statement: powers of two, so that only these few texts are ever prepared. */
const CHUNKS = [64, 16, 4, 1] as const

/** Inserts bodies, messages and metadata of a flush, and one change row per folder. All statements travel together. */
export async function insertMessages(tx: Tx, messages: readonly NewMessage[]): Promise<void> {
  const pending: PromiseLike<unknown>[] = []
  for (let at = 0; at < messages.length; ) {
    const left = messages.length - at
    const chunk = CHUNKS.find((size) => size <= left) ?? 1
    const rows = messages.slice(at, at + chunk)
    at += chunk
    pending.push(
      tx`insert into body ${tx(rows.map((m) => ({ tenant_id: m.tenantId, email_id: m.emailId, account_id: m.accountId, wrapped_key: m.wrappedKey, sealed: m.body })))}`,
      tx`insert into message ${tx(
        rows.map((m) => ({
          tenant_id: m.tenantId,
          folder_id: m.folderId,
          uid: m.uid,
          email_id: m.emailId,
          document: m.document,
          modseq: m.modseq,
          size: m.size,
          received_at: m.receivedAt,
        })),
      )}`,
      tx`insert into meta_row ${tx(rows.map((m) => ({ tenant_id: m.tenantId, folder_id: m.folderId, uid: m.uid, sealed: m.meta })))}`,
    )
  }
  await Promise.all(pending)
}

/** One change row per folder for its new uids, and one notification each. */
export async function announceArrivals(
  tx: Tx,
  folders: readonly {
    tenantId: TenantId
    accountId: AccountId
    folderId: FolderId
    modseq: number
    firstUid: number
    lastUid: number
  }[],
): Promise<void> {
  await Promise.all([
    tx`insert into change (tenant_id, folder_id, modseq, kind, uid_runs)
       select t, f, s, 'added', array[a, b] from unnest(${folders.map((f) => f.tenantId)}::uuid[], ${folders.map((f) => f.folderId)}::uuid[],
         ${folders.map((f) => f.modseq)}::bigint[], ${folders.map((f) => f.firstUid)}::bigint[], ${folders.map((f) => f.lastUid)}::bigint[]) v(t, f, s, a, b)`,
    tx`select pg_notify('mail', p) from unnest(${folders.map((f) => `${f.accountId} ${f.folderId}`)}::text[]) p`,
  ])
}
