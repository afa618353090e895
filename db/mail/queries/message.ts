import type { Tx } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

/** The narrow row of a message; `flags` holds bits. */
export interface StateRow {
  uid: number
  emailId: EmailId
  flags: number
  modseq: number
  size: number
  receivedAt: Date
}

const ROW_BYTES = 44

/** States of a folder as one packed value: half the time of as many rows. Ascending by uid. */
export async function selectStates(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId },
  options: {
    sinceModseq?: number
    uids?: readonly number[]
    newestFirst?: boolean
    limit?: number
    beforeUid?: number
  } = {},
): Promise<StateRow[]> {
  const since = options.sinceModseq === undefined ? tx`` : tx`and modseq > ${options.sinceModseq}`
  const among = options.uids === undefined ? tx`` : tx`and uid = any(${options.uids as number[]}::bigint[])`
  const before = options.beforeUid === undefined ? tx`` : tx`and uid < ${options.beforeUid}`
  const order = options.newestFirst ? tx`order by uid desc` : tx`order by uid`
  const limit = options.limit === undefined ? tx`` : tx`limit ${options.limit}`
  const rows = await tx<{ packed: Buffer | null }[]>`
    select string_agg(uuid_send(email_id) || int4send(uid::int) || int4send(flags) || int8send(modseq) || int4send(size)
      || int8send((extract(epoch from received_at) * 1000)::bigint), ''::bytea order by uid) packed
    from (select * from message where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} ${since} ${among} ${before} ${order} ${limit}) m`
  return unpackStates(rows[0]?.packed ?? Buffer.alloc(0))
}

function unpackStates(packed: Buffer): StateRow[] {
  const states: StateRow[] = []
  for (let at = 0; at + ROW_BYTES <= packed.length; at += ROW_BYTES) {
    const hex = packed.toString('hex', at, at + 16)
    states.push({
      emailId:
        `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as EmailId,
      uid: packed.readUInt32BE(at + 16),
      flags: packed.readInt32BE(at + 20),
      modseq: Number(packed.readBigInt64BE(at + 24)),
      size: packed.readInt32BE(at + 32),
      receivedAt: new Date(Number(packed.readBigInt64BE(at + 36))),
    })
  }
  return states
}

export interface ContentRow {
  uid: number
  emailId: EmailId
  wrappedKey: Buffer
  meta: Buffer | null
  body: Buffer | null
}

/** Sealed contents of messages, ascending by uid. */
export async function selectContents(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId; uids: readonly number[] },
  want: { meta: boolean; body: boolean },
): Promise<ContentRow[]> {
  return tx<ContentRow[]>`
    select m.uid, m.email_id "emailId", b.wrapped_key "wrappedKey", ${want.body ? tx`b.sealed` : tx`null::bytea`} "body", ${want.meta ? tx`r.sealed` : tx`null::bytea`} "meta"
    from message m join body b on b.tenant_id = m.tenant_id and b.email_id = m.email_id
    ${want.meta ? tx`left join meta_row r on r.tenant_id = m.tenant_id and r.folder_id = m.folder_id and r.uid = m.uid` : tx``}
    where m.tenant_id = ${at.tenantId} and m.folder_id = ${at.folderId} and m.uid = any(${at.uids as number[]}::bigint[]) order by m.uid`
}

export interface AppendRow {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
  emailId: EmailId
  flags: number
  size: number
  receivedAt: Date
  wrappedKey: Buffer
  body: Buffer
  meta: Buffer
}

/**
 * Appends one message in a single statement, and so in a single round trip: mailbox row, then folder row, locked to commit.
 * Undefined when the mailbox is full or the folder gone: nothing was written then.
 */
export async function appendMessage(tx: Tx, row: AppendRow): Promise<{ uid: number; uidValidity: number } | undefined> {
  const seen = (row.flags & 1) === 0 ? 1 : 0
  const rows = await tx<{ uid: number; uidValidity: number }[]>`
    with m as (
      update mailbox set next_document = next_document + 1, used_bytes = used_bytes + ${row.size}::int, messages = messages + 1
      where tenant_id = ${row.tenantId} and account_id = ${row.accountId} and used_bytes + ${row.size}::int <= quota_bytes
        and exists (select 1 from folder where tenant_id = ${row.tenantId} and id = ${row.folderId} and account_id = ${row.accountId})
      returning next_document - 1 as document
    ), f as (
      update folder set uid_next = uid_next + 1, modseq = modseq + 1, messages = messages + 1, unseen = unseen + ${seen}::int, size = size + ${row.size}::int
      from m where tenant_id = ${row.tenantId} and id = ${row.folderId} and account_id = ${row.accountId}
      returning uid_next - 1 as uid, modseq, uid_validity, m.document
    ), b as (
      insert into body (tenant_id, email_id, account_id, wrapped_key, sealed)
      select ${row.tenantId}, ${row.emailId}, ${row.accountId}, ${row.wrappedKey}, ${row.body} from f returning 1
    ), g as (
      insert into message (tenant_id, folder_id, uid, email_id, document, flags, modseq, size, received_at)
      select ${row.tenantId}, ${row.folderId}, f.uid, ${row.emailId}, f.document, ${row.flags}::int, f.modseq, ${row.size}::int, ${row.receivedAt} from f, b returning 1
    ), r as (
      insert into meta_row (tenant_id, folder_id, uid, sealed) select ${row.tenantId}, ${row.folderId}, f.uid, ${row.meta} from f, g returning 1
    ), c as (
      insert into change (tenant_id, folder_id, modseq, kind, uid_runs) select ${row.tenantId}, ${row.folderId}, f.modseq, 'added', array[f.uid, f.uid] from f, r returning 1
    )
    select f.uid, f.uid_validity "uidValidity", pg_notify('mail', ${`${row.accountId} ${row.folderId}`}) from f, c`
  return rows[0]
}

export interface ChangeRow {
  modseq: number
  kind: 'added' | 'flags' | 'expunged'
  uidRuns: number[]
}

export async function selectChanges(
  tx: Tx,
  at: { tenantId: TenantId; folderId: FolderId; sinceModseq: number },
): Promise<ChangeRow[]> {
  return tx<ChangeRow[]>`
    select modseq, kind, uid_runs::float8[] "uidRuns" from change
    where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and modseq > ${at.sinceModseq} order by modseq`
}

/** Writes what happened to a folder and tells who listens. */
export async function announce(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderId: FolderId; modseq: number; kind: ChangeRow['kind'] },
  uids: readonly number[],
): Promise<void> {
  await Promise.all([
    tx`insert into change (tenant_id, folder_id, modseq, kind, uid_runs)
       values (${at.tenantId}, ${at.folderId}, ${at.modseq}, ${at.kind}, ${toRuns(uids)}::bigint[])`,
    tx`select pg_notify('mail', ${`${at.accountId} ${at.folderId}`})`,
  ])
}

/** Ascending uids as first and last of each run. */
export function toRuns(uids: readonly number[]): number[] {
  const runs: number[] = []
  for (const uid of uids) {
    const last = runs.length - 1
    if (last > 0 && runs[last] === uid - 1) runs[last] = uid
    else runs.push(uid, uid)
  }
  return runs
}

/** Undoes `toRuns`. */
export function fromRuns(runs: readonly number[]): number[] {
  const uids: number[] = []
  for (let i = 0; i + 1 < runs.length; i += 2) {
    for (let uid = runs[i] ?? 0; uid <= (runs[i + 1] ?? -1); uid++) uids.push(uid)
  }
  return uids
}
