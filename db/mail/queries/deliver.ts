import type { MailDatabase, RowsOf, Writer } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

/** Where a copy is to go: what stands in the mailbox decides which folder that is. */
export type Course = 'inbox' | 'junk' | 'quarantine'

/** What comes to one mailbox on one course. */
export interface Arrival {
  tenantId: TenantId
  accountId: AccountId
  course: Course
  count: number
  bytes: number
}

/** Elements of an array in SQL's own text form, to be cast: for values that need no quotes. A third of the time that postgres.js takes for an array. */
const list = (values: readonly (string | number)[]): string => `{${values.join(',')}}`

export interface MailboxPlace {
  accountId: AccountId
  /** A script is active: what is on its way to INBOX waits for it. */
  waits: boolean
  firstDocument: number
  usedBytes: number
  quotaBytes: number
}

/** The folder that an arrival goes to, with the first uid given there. Arrivals of one mailbox may share a folder and its uids. */
export interface FolderPlace {
  accountId: AccountId
  course: Course
  folderId: FolderId
  quarantine: boolean
  firstUid: number
  modseq: number
}

/**
 * Raises the counters of mailboxes, which locks their rows until commit: document numbers, uids and mod-sequences become visible in the order in which
 * they were given (I-U2, I-M2). Arrivals come in the order of their ids, so that two flushes rarely wait for each other in a circle; the database ends
 * a circle and the flush is tried again. A mailbox that is gone has no row in the answer; one over its quota shows it.
 */
export const countInMailboxes = (
  sql: Writer,
  totals: readonly Pick<Arrival, 'tenantId' | 'accountId' | 'count' | 'bytes'>[],
): RowsOf<MailboxPlace> => sql<MailboxPlace[]>`
  update mailbox m set next_document = next_document + v.n, used_bytes = used_bytes + v.b, messages = messages + v.n
  from unnest(${list(totals.map((a) => a.tenantId))}::text::uuid[], ${list(totals.map((a) => a.accountId))}::text::uuid[],
    ${list(totals.map((a) => a.count))}::text::int[], ${list(totals.map((a) => a.bytes))}::text::bigint[]) v(t, a, n, b)
  where m.tenant_id = v.t and m.account_id = v.a
  returning m.account_id "accountId", m.intake_id is not null "waits", m.next_document - v.n "firstDocument", m.used_bytes "usedBytes",
    m.quota_bytes "quotaBytes"`

/**
 * Raises the counters of the folders that arrivals go to. It must follow `countInMailboxes`: under the locks of the mailboxes no folder comes, goes or
 * changes its part. Junk without a folder goes to INBOX, quarantine without one to Junk. Subqueries and no joins: a join reads all of a table once that
 * looks cheaper than 192 look-ups.
 */
export function countInFolders(sql: Writer, arrivals: readonly Arrival[]): RowsOf<FolderPlace> {
  const of = (use: string) =>
    sql`(select id from folder f where f.tenant_id = v.t and f.account_id = v.a and f.special_use = ${use})`
  const all = sql`unnest(${list(arrivals.map((a) => a.tenantId))}::text::uuid[], ${list(arrivals.map((a) => a.accountId))}::text::uuid[],
    ${list(arrivals.map((a) => a.course))}::text::text[], ${list(arrivals.map((a) => a.count))}::text::int[],
    ${list(arrivals.map((a) => a.bytes))}::text::bigint[]) v(t, a, c, n, b)`
  if (arrivals.every((arrival) => arrival.course === 'inbox'))
    return sql<FolderPlace[]>`
      update folder f set uid_next = uid_next + v.n, modseq = modseq + 1, messages = messages + v.n, unseen = unseen + v.n, size = size + v.b from ${all}
      where f.tenant_id = v.t and f.id = (select coalesce(m.intake_id, m.inbox_id) from mailbox m where m.tenant_id = v.t and m.account_id = v.a)
      returning v.a "accountId", v.c "course", f.id "folderId", false "quarantine", f.uid_next - v.n "firstUid", f.modseq`
  return sql<FolderPlace[]>`
    with w as materialized (
      select v.*, case v.c when 'inbox' then m.intake_id when 'junk' then ${of('junk')} else coalesce(${of('quarantine')}, ${of('junk')}) end f, m.inbox_id
      from ${all}, lateral (select intake_id, inbox_id from mailbox x where x.tenant_id = v.t and x.account_id = v.a) m
    ), g as (select t, coalesce(f, inbox_id) f, sum(n)::int n, sum(b)::bigint b from w group by 1, 2),
    u as (
      update folder f set uid_next = uid_next + g.n, modseq = modseq + 1, messages = messages + g.n, unseen = unseen + g.n, size = size + g.b from g
      where f.tenant_id = g.t and f.id = g.f
      returning f.id, f.special_use, f.uid_next - g.n first, f.modseq
    )
    select w.a "accountId", w.c "course", u.id "folderId", u.special_use is not distinct from 'quarantine' "quarantine", u.first "firstUid", u.modseq
    from w join u on u.id = coalesce(w.f, w.inbox_id)`
}

/** Hours for which a mailbox remembers what it has taken: a sender that did not hear the 250 tries again within one. */
export const ACCEPTED_HOURS = 24

export interface AcceptedKey {
  tenantId: TenantId
  accountId: AccountId
  onceKey: Buffer
}

const hex = (keys: readonly AcceptedKey[]): string => list(keys.map((k) => k.onceKey.toString('hex')))

/** Which of these keys their mailboxes have taken within the window. It must follow `countInMailboxes`: under its locks nobody else adds any. */
export const selectAccepted = (
  sql: Writer,
  keys: readonly AcceptedKey[],
): RowsOf<{ accountId: AccountId; onceKey: string }> => sql<{ accountId: AccountId; onceKey: string }[]>`
  select v.a "accountId", v.k "onceKey"
  from unnest(${list(keys.map((k) => k.tenantId))}::text::uuid[], ${list(keys.map((k) => k.accountId))}::text::uuid[], ${hex(keys)}::text::text[]) v(t, a, k)
  where (select accepted_at > now() - make_interval(hours => ${ACCEPTED_HOURS}::int) from accepted x
    where x.tenant_id = v.t and x.account_id = v.a and x.key_hash = decode(v.k, 'hex'))`

/** Remembers what is taken; a key whose time was over is taken anew. */
export const insertAccepted = (sql: Writer, keys: readonly AcceptedKey[]) => sql`
  insert into accepted (tenant_id, account_id, key_hash)
  select t, a, decode(k, 'hex')
  from unnest(${list(keys.map((k) => k.tenantId))}::text::uuid[], ${list(keys.map((k) => k.accountId))}::text::uuid[], ${hex(keys)}::text::text[]) v(t, a, k)
  on conflict (tenant_id, account_id, key_hash) do update set accepted_at = excluded.accepted_at`

/** Forgets what was taken before a moment, at most `most`; returns how many. Over all tenants. */
export async function deleteOldAccepted(db: MailDatabase, before: Date, most: number): Promise<number> {
  const result = await db.withQueue(
    (tx) => tx`
      delete from accepted where ctid = any(array(select ctid from accepted where accepted_at < ${before} order by accepted_at limit ${most}))`,
  )
  return result.count
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

/** Pieces of a byte string that travels whole, as base64. */
class Blob64 {
  readonly #parts: Buffer[] = []
  #bytes = 0

  /** Adds pieces; where each begins, counted from 1 as SQL does, and how long each is. */
  add(parts: readonly Buffer[]): { at: string; length: string } {
    const at: number[] = []
    for (const part of parts) {
      at.push(this.#bytes + 1)
      this.#bytes += part.length
      this.#parts.push(part)
    }
    return { at: list(at), length: list(parts.map((part) => part.length)) }
  }

  text(): string {
    return Buffer.concat(this.#parts, this.#bytes).toString('base64')
  }
}

/**
 * Inserts bodies, messages and metadata of a flush, in as few statements as their size allows. postgres.js sends every parameter as text, so the sealed
 * bytes of many rows travel as one base64 string that the server cuts up: a third less to send than hexadecimal, and one parameter instead of hundreds.
 */
export function insertMessages(sql: Writer, messages: readonly NewMessage[]) {
  const statements: ReturnType<typeof insertChunk>[] = []
  for (let at = 0; at < messages.length; ) {
    let bytes = 0
    let end = at
    while (end < messages.length && (end === at || bytes < CHUNK_BYTES)) bytes += messages[end++]?.body.length ?? 0
    statements.push(insertChunk(sql, messages.slice(at, end)))
    at = end
  }
  return statements
}

/** One statement, so that the three tables cost one plan, one snapshot and one answer. Its references are looked at when all of it is done. */
function insertChunk(sql: Writer, rows: readonly NewMessage[]) {
  const blob = new Blob64()
  const keys = blob.add(rows.map((row) => row.wrappedKey))
  const bodies = blob.add(rows.map((row) => row.body))
  const metas = blob.add(rows.map((row) => row.meta))
  return sql`
    with blob as materialized (select decode(${blob.text()}, 'base64') x), v as materialized (
      select * from unnest(${list(rows.map((m) => m.tenantId))}::text::uuid[], ${list(rows.map((m) => m.emailId))}::text::uuid[],
        ${list(rows.map((m) => m.accountId))}::text::uuid[], ${list(rows.map((m) => m.folderId))}::text::uuid[], ${list(rows.map((m) => m.uid))}::text::bigint[],
        ${list(rows.map((m) => m.document))}::text::bigint[], ${list(rows.map((m) => m.modseq))}::text::bigint[], ${list(rows.map((m) => m.size))}::text::int[],
        ${list(rows.map((m) => m.receivedAt.toISOString()))}::text::timestamptz[], ${keys.at}::text::int[], ${keys.length}::text::int[],
        ${bodies.at}::text::int[], ${bodies.length}::text::int[], ${metas.at}::text::int[], ${metas.length}::text::int[])
        v(t, e, a, f, u, d, s, z, r, ka, kl, ba, bl, ma, ml)
    ), b as (
      insert into body (tenant_id, email_id, account_id, wrapped_key, sealed)
      select t, e, a, substring(x from ka for kl), substring(x from ba for bl) from blob, v
    ), m as (
      insert into message (tenant_id, folder_id, uid, email_id, document, modseq, size, received_at) select t, f, u, e, d, s, z, r from v
    )
    insert into meta_row (tenant_id, folder_id, uid, sealed) select t, f, u, substring(x from ma for ml) from blob, v`
}

export interface ArrivedIn {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  modseq: number
  firstUid: number
  lastUid: number
  /** Who is told: the sessions, or for the intake folder, which no session sees, the filter; of quarantine nobody. */
  tell: 'mail' | 'intake' | null
}

/** One change row per folder for its new uids, and one notification each. */
export function announceArrivals(sql: Writer, folders: readonly ArrivedIn[]) {
  const told = folders.filter((f) => f.tell !== null)
  const payload = (f: ArrivedIn) =>
    f.tell === 'intake' ? `"${f.tenantId} ${f.accountId}"` : `"${f.accountId} ${f.folderId}"`
  return sql`
    with c as (
      insert into change (tenant_id, folder_id, modseq, kind, uid_runs)
      select t, f, s, 'added', array[a, b] from unnest(${list(folders.map((f) => f.tenantId))}::text::uuid[], ${list(folders.map((f) => f.folderId))}::text::uuid[],
        ${list(folders.map((f) => f.modseq))}::text::bigint[], ${list(folders.map((f) => f.firstUid))}::text::bigint[],
        ${list(folders.map((f) => f.lastUid))}::text::bigint[]) v(t, f, s, a, b)
    )
    select pg_notify(c, p) from unnest(${list(told.map((f) => f.tell ?? ''))}::text::text[], ${list(told.map(payload))}::text::text[]) v(c, p)`
}

export interface NewWaiting {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  uid: number
  envelopeSealed: Buffer
}

/** Notes what waits for a script. */
export function insertWaiting(sql: Writer, rows: readonly NewWaiting[]) {
  const blob = new Blob64()
  const envelopes = blob.add(rows.map((row) => row.envelopeSealed))
  return sql`
    with blob as materialized (select decode(${blob.text()}, 'base64') e)
    insert into intake (tenant_id, account_id, folder_id, uid, envelope_sealed)
    select t, c, f, u, substring(blob.e from a for l)
    from blob, unnest(${list(rows.map((r) => r.tenantId))}::text::uuid[], ${list(rows.map((r) => r.accountId))}::text::uuid[],
      ${list(rows.map((r) => r.folderId))}::text::uuid[], ${list(rows.map((r) => r.uid))}::text::bigint[], ${envelopes.at}::text::int[],
      ${envelopes.length}::text::int[]) v(t, c, f, u, a, l)`
}

export type QuarantineCause = 'spam' | 'dmarc' | 'rule' | 'unscanned'

export interface NewQuarantined {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  uid: number
  cause: QuarantineCause
}

/** Notes why messages are in quarantine. */
export const insertQuarantined = (sql: Writer, rows: readonly NewQuarantined[]) => sql`
  insert into quarantined (tenant_id, account_id, folder_id, uid, cause)
  select * from unnest(${list(rows.map((r) => r.tenantId))}::text::uuid[], ${list(rows.map((r) => r.accountId))}::text::uuid[],
    ${list(rows.map((r) => r.folderId))}::text::uuid[], ${list(rows.map((r) => r.uid))}::text::bigint[], ${list(rows.map((r) => r.cause))}::text::text[])`
