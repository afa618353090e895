import type { Tx } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

export interface Arrival {
  tenantId: TenantId
  accountId: AccountId
  count: number
  bytes: number
}

/** Where the new messages of one account go, with the first document number and uid they were given. */
export interface Place {
  accountId: AccountId
  /** INBOX, or the intake folder where a script is active */
  folderId: FolderId
  /** It waits for a script. */
  waits: boolean
  firstDocument: number
  firstUid: number
  modseq: number
  usedBytes: number
  quotaBytes: number
}

/**
 * Raises the counters of mailboxes and of the folders deliveries go to, which locks their rows until commit: document numbers, uids and mod-sequences become visible in the
 * order in which they were given (I-U2, I-M2). Arrivals come in the order of their ids, so that two flushes rarely wait for each other in a circle; the
 * database ends a circle and the flush is tried again. A mailbox that is gone has no place in the answer; one over its quota shows it.
 */
export async function countArrivals(tx: Tx, arrivals: readonly Arrival[]): Promise<Map<AccountId, Place>> {
  const tenants = arrivals.map((a) => a.tenantId)
  const accounts = arrivals.map((a) => a.accountId)
  const counts = arrivals.map((a) => a.count)
  const bytes = arrivals.map((a) => a.bytes)
  // Sent together: the second statement begins once the first holds the mailboxes, so both see the same intake_id. A subquery and no join:
  // a join reads all of mailbox once that looks cheaper than 192 look-ups.
  const [mailboxes, folders] = await Promise.all([
    tx<Omit<Place, 'firstUid' | 'modseq'>[]>`
      update mailbox m set next_document = next_document + v.n, used_bytes = used_bytes + v.b, messages = messages + v.n
      from unnest(${tenants}::uuid[], ${accounts}::uuid[], ${counts}::int[], ${bytes}::bigint[]) v(t, a, n, b)
      where m.tenant_id = v.t and m.account_id = v.a
      returning m.account_id "accountId", coalesce(m.intake_id, m.inbox_id) "folderId", m.intake_id is not null "waits",
        m.next_document - v.n "firstDocument", m.used_bytes "usedBytes", m.quota_bytes "quotaBytes"`,
    tx<{ id: FolderId; firstUid: number; modseq: number }[]>`
      update folder f set uid_next = uid_next + v.n, modseq = modseq + 1, messages = messages + v.n, unseen = unseen + v.n, size = size + v.b
      from unnest(${tenants}::uuid[], ${accounts}::uuid[], ${counts}::int[], ${bytes}::bigint[]) v(t, a, n, b)
      where f.tenant_id = v.t and f.account_id = v.a and f.special_use in ('inbox', 'intake')
        and f.id = (select coalesce(m.intake_id, m.inbox_id) from mailbox m where m.tenant_id = v.t and m.account_id = v.a)
      returning f.id, f.uid_next - v.n "firstUid", f.modseq`,
  ])
  const byId = new Map(folders.map((row) => [row.id, row]))
  const places = new Map<AccountId, Place>()
  for (const row of mailboxes) {
    const folder = byId.get(row.folderId)
    if (folder) places.set(row.accountId, { ...row, firstUid: folder.firstUid, modseq: folder.modseq })
  }
  return places
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

/** Sealed bytes that travel in one parameter: they stay in the server's working memory. */
const CHUNK_BYTES = 2 * 1024 * 1024

/** Pieces of a byte string that travels whole: `at` counts from 1, as SQL does. */
class Blob64 {
  readonly #parts: Buffer[] = []
  readonly at: number[] = []
  readonly length: number[] = []
  bytes = 0

  add(part: Buffer): void {
    this.#parts.push(part)
    this.at.push(this.bytes + 1)
    this.length.push(part.length)
    this.bytes += part.length
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('base64')
  }
}

/**
 * Inserts bodies, messages and metadata of a flush. postgres.js sends every parameter as text, so the sealed bytes of many rows travel as one base64
 * string that the server cuts up: a third less to send than hexadecimal, and one parameter instead of hundreds. All statements travel together.
 */
export async function insertMessages(tx: Tx, messages: readonly NewMessage[]): Promise<void> {
  const pending: PromiseLike<unknown>[] = []
  for (let at = 0; at < messages.length; ) {
    let bytes = 0
    let end = at
    while (end < messages.length && (end === at || bytes < CHUNK_BYTES)) bytes += messages[end++]?.body.length ?? 0
    pending.push(...insertChunk(tx, messages.slice(at, end)))
    at = end
  }
  await Promise.all(pending)
}

function insertChunk(tx: Tx, rows: readonly NewMessage[]): PromiseLike<unknown>[] {
  const tenants = rows.map((m) => m.tenantId)
  const emails = rows.map((m) => m.emailId)
  const folders = rows.map((m) => m.folderId)
  const uids = rows.map((m) => m.uid)
  const keys = new Blob64()
  const bodies = new Blob64()
  const metas = new Blob64()
  for (const row of rows) {
    keys.add(row.wrappedKey)
    bodies.add(row.body)
    metas.add(row.meta)
  }
  return [
    tx`with blob as materialized (select decode(${keys.text()}, 'base64') k, decode(${bodies.text()}, 'base64') b)
       insert into body (tenant_id, email_id, account_id, wrapped_key, sealed)
       select t, e, a, substring(blob.k from ka for kl), substring(blob.b from ba for bl)
       from blob, unnest(${tenants}::uuid[], ${emails}::uuid[], ${rows.map((m) => m.accountId)}::uuid[], ${keys.at}::int[], ${keys.length}::int[],
         ${bodies.at}::int[], ${bodies.length}::int[]) v(t, e, a, ka, kl, ba, bl)`,
    tx`insert into message (tenant_id, folder_id, uid, email_id, document, modseq, size, received_at)
       select * from unnest(${tenants}::uuid[], ${folders}::uuid[], ${uids}::bigint[], ${emails}::uuid[], ${rows.map((m) => m.document)}::bigint[],
         ${rows.map((m) => m.modseq)}::bigint[], ${rows.map((m) => m.size)}::int[], ${rows.map((m) => m.receivedAt.toISOString())}::text[]::timestamptz[])`,
    tx`with blob as materialized (select decode(${metas.text()}, 'base64') m)
       insert into meta_row (tenant_id, folder_id, uid, sealed)
       select t, f, u, substring(blob.m from a for l)
       from blob, unnest(${tenants}::uuid[], ${folders}::uuid[], ${uids}::bigint[], ${metas.at}::int[], ${metas.length}::int[]) v(t, f, u, a, l)`,
  ].map((query) => query.execute())
}

/** One change row per folder for its new uids, and one notification each: to the sessions, or for an intake folder, which no session sees, to the filter. */
export async function announceArrivals(
  tx: Tx,
  folders: readonly {
    tenantId: TenantId
    accountId: AccountId
    folderId: FolderId
    waits: boolean
    modseq: number
    firstUid: number
    lastUid: number
  }[],
): Promise<void> {
  const channels = folders.map((f) => (f.waits ? 'intake' : 'mail'))
  const payloads = folders.map((f) => (f.waits ? `${f.tenantId} ${f.accountId}` : `${f.accountId} ${f.folderId}`))
  await Promise.all([
    tx`insert into change (tenant_id, folder_id, modseq, kind, uid_runs)
       select t, f, s, 'added', array[a, b] from unnest(${folders.map((f) => f.tenantId)}::uuid[], ${folders.map((f) => f.folderId)}::uuid[],
         ${folders.map((f) => f.modseq)}::bigint[], ${folders.map((f) => f.firstUid)}::bigint[], ${folders.map((f) => f.lastUid)}::bigint[]) v(t, f, s, a, b)`,
    tx`select pg_notify(c, p) from unnest(${channels}::text[], ${payloads}::text[]) v(c, p)`,
  ])
}

export interface NewWaiting {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  uid: number
  envelopeSealed: Buffer
}

/** Notes what waits for a script; the messages must have been sent before, on the same connection. */
export async function insertWaiting(tx: Tx, rows: readonly NewWaiting[]): Promise<void> {
  if (rows.length === 0) return
  const envelopes = new Blob64()
  for (const row of rows) envelopes.add(row.envelopeSealed)
  await tx`
    with blob as materialized (select decode(${envelopes.text()}, 'base64') e)
    insert into intake (tenant_id, account_id, folder_id, uid, envelope_sealed)
    select t, c, f, u, substring(blob.e from a for l)
    from blob, unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.accountId)}::uuid[], ${rows.map((r) => r.folderId)}::uuid[],
      ${rows.map((r) => r.uid)}::bigint[], ${envelopes.at}::int[], ${envelopes.length}::int[]) v(t, c, f, u, a, l)`
}
