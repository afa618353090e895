import type { Tx } from '#db/client'
import { deletePagesOf } from '#db/mail/queries/page'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
}

/** How the flag word of a message changes. */
export interface BitChange {
  action: 'set' | 'add' | 'remove'
  bits: number
}

/** The flag word after a change. */
export function changedBits(flags: number, { action, bits }: BitChange): number {
  switch (action) {
    case 'set':
      return bits
    case 'add':
      return flags | bits
    case 'remove':
      return flags & ~bits
  }
}

/**
 * Changes the flag words of messages in a locked folder, all of which really change, and the folder's counters. By uid alone, without a join:
 * on a folder filled a moment ago the planner knows no figures, and a join of ten thousand with ten thousand went quadratic.
 */
export async function updateFlags(
  tx: Tx,
  at: At & { modseq: number; uids: readonly number[]; unseenChange: number },
  change: BitChange,
): Promise<void> {
  const { action, bits } = change
  const next =
    action === 'set' ? tx`${bits}::int` : action === 'add' ? tx`flags | ${bits}::int` : tx`flags & ~(${bits}::int)`
  await Promise.all([
    tx`update message set flags = ${next}, modseq = ${at.modseq}
       where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and uid = any(${at.uids as number[]}::bigint[])`,
    tx`update folder set modseq = ${at.modseq}, unseen = unseen + ${at.unseenChange}::int where tenant_id = ${at.tenantId} and id = ${at.folderId}`,
  ])
}

interface Gone {
  uid: number
  size: number
  unseen: number
  emailId: EmailId
}

/**
 * Takes messages out of a locked folder of a locked mailbox. With `purgeAt` they stay recoverable until then; without, their bodies and keys
 * go too unless another folder holds a copy. Counters follow. Returns the uids that went, ascending.
 */
export async function removeMessages(
  tx: Tx,
  at: At & { modseq: number; uids?: readonly number[]; onlyDeleted: boolean; now: Date; purgeAt: Date | null },
): Promise<number[]> {
  const among = at.uids === undefined ? tx`` : tx`and m.uid = any(${at.uids as number[]}::bigint[])`
  const flagged = at.onlyDeleted ? tx`and (m.flags & 8) <> 0` : tx``
  if (at.purgeAt) {
    await tx`
      insert into deleted_message (tenant_id, account_id, document, email_id, flags, size, received_at, deleted_at, purge_at, meta_sealed)
      select m.tenant_id, ${at.accountId}, m.document, m.email_id, m.flags & 31, m.size, m.received_at, ${at.now}, ${at.purgeAt}, r.sealed
      from message m join meta_row r on r.tenant_id = m.tenant_id and r.folder_id = m.folder_id and r.uid = m.uid
      where m.tenant_id = ${at.tenantId} and m.folder_id = ${at.folderId} ${among} ${flagged}`
  }
  const gone = await tx<Gone[]>`
    delete from message m where m.tenant_id = ${at.tenantId} and m.folder_id = ${at.folderId} ${among} ${flagged}
    returning m.uid, m.size, 1 - (m.flags & 1) "unseen", m.email_id "emailId"`
  if (gone.length === 0) return []
  if (!at.purgeAt)
    await deleteOrphanBodies(
      tx,
      at.tenantId,
      gone.map((g) => g.emailId),
    )
  return settle(tx, at, gone)
}

/** Deletes the bodies (and with them the message keys) that neither a folder nor the deleted messages refer to any more. */
export async function deleteOrphanBodies(tx: Tx, tenantId: TenantId, emails: readonly EmailId[]): Promise<number> {
  const result = await tx`
    delete from body b where b.tenant_id = ${tenantId} and b.email_id = any(${emails as EmailId[]}::uuid[])
      and not exists (select 1 from message m where m.tenant_id = b.tenant_id and m.email_id = b.email_id)
      and not exists (select 1 from deleted_message d where d.tenant_id = b.tenant_id and d.email_id = b.email_id)`
  return result.count
}

/** What goes with messages that left a folder: counters, and every page that holds one of them. Returns their uids, ascending. */
async function settle(tx: Tx, at: At & { modseq: number }, gone: readonly Gone[]): Promise<number[]> {
  const uids = gone.map((g) => g.uid).sort((a, b) => a - b)
  await Promise.all([subtract(tx, at, gone), deletePagesOf(tx, at, uids)])
  return uids
}

async function subtract(tx: Tx, at: At & { modseq: number }, gone: readonly Gone[]): Promise<void> {
  const bytes = gone.reduce((sum, g) => sum + g.size, 0)
  const unseen = gone.reduce((sum, g) => sum + g.unseen, 0)
  await Promise.all([
    tx`update mailbox set used_bytes = used_bytes - ${bytes}::bigint, messages = messages - ${gone.length}::int where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`,
    tx`update folder set modseq = ${at.modseq}, messages = messages - ${gone.length}::int, unseen = unseen - ${unseen}::int, size = size - ${bytes}::bigint
       where tenant_id = ${at.tenantId} and id = ${at.folderId}`,
  ])
}

interface Landing extends At {
  toId: FolderId
  firstUid: number
  firstDocument: number
  modseq: number
  uids: readonly number[]
  /** Keyword bits of the source and what they are in the destination. */
  bits: readonly (readonly [from: number, to: number])[]
}

export interface Landed {
  sourceUid: number
  uid: number
}

/** Copies messages with their metadata rows into another locked folder, in the order of their uids; the bodies are shared. Counters follow. */
export async function copyMessages(tx: Tx, at: Landing): Promise<Landed[]> {
  const from = at.bits.map(([bit]) => bit)
  const to = at.bits.map(([, bit]) => bit)
  const landed = await tx<{ sourceUid: number; uid: number; size: number; unseen: number }[]>`
    with source as (
      select m.*, row_number() over (order by m.uid) - 1 as n from message m
      where m.tenant_id = ${at.tenantId} and m.folder_id = ${at.folderId} and m.uid = any(${at.uids as number[]}::bigint[])
    ), g as (
      insert into message (tenant_id, folder_id, uid, email_id, document, flags, modseq, size, received_at)
      select tenant_id, ${at.toId}, ${at.firstUid}::bigint + n, email_id, ${at.firstDocument}::bigint + n,
        (flags & 31) | coalesce((select bit_or(1 << t) from unnest(${from}::int[], ${to}::int[]) k(f, t) where flags & (1 << f) <> 0), 0),
        ${at.modseq}, size, received_at from source
      returning 1
    ), r as (
      insert into meta_row (tenant_id, folder_id, uid, sealed)
      select x.tenant_id, ${at.toId}, ${at.firstUid}::bigint + source.n, x.sealed from source
      join meta_row x on x.tenant_id = source.tenant_id and x.folder_id = source.folder_id and x.uid = source.uid
      where exists (select 1 from g) returning 1
    )
    select uid "sourceUid", ${at.firstUid}::bigint + n "uid", size, 1 - (flags & 1) "unseen" from source order by n`
  if (landed.length === 0) return []
  const bytes = landed.reduce((sum, l) => sum + l.size, 0)
  const unseen = landed.reduce((sum, l) => sum + l.unseen, 0)
  await Promise.all([
    tx`update folder set uid_next = uid_next + ${landed.length}::int, modseq = ${at.modseq}, messages = messages + ${landed.length}::int,
       unseen = unseen + ${unseen}::int, size = size + ${bytes}::bigint where tenant_id = ${at.tenantId} and id = ${at.toId}`,
    tx`update mailbox set next_document = next_document + ${landed.length}::int, used_bytes = used_bytes + ${bytes}::bigint,
       messages = messages + ${landed.length}::int where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`,
  ])
  return landed
}

/** Takes moved messages out of their source folder; their bodies live on in the destination. */
export async function dropMoved(tx: Tx, at: At & { modseq: number; uids: readonly number[] }): Promise<number[]> {
  const gone = await tx<Gone[]>`
    delete from message m where m.tenant_id = ${at.tenantId} and m.folder_id = ${at.folderId} and m.uid = any(${at.uids as number[]}::bigint[])
    returning m.uid, m.size, 1 - (m.flags & 1) "unseen", m.email_id "emailId"`
  return settle(tx, at, gone)
}

/** Bytes of the messages named. */
export async function sizeOf(
  tx: Tx,
  at: At & { uids: readonly number[] },
): Promise<{ bytes: number; count: number; bits: number }> {
  const rows = await tx<{ bytes: number; count: number; bits: number }[]>`
    select coalesce(sum(size), 0)::bigint bytes, count(*) count, coalesce(bit_or(flags), 0) bits from message
    where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and uid = any(${at.uids as number[]}::bigint[])`
  return rows[0] ?? { bytes: 0, count: 0, bits: 0 }
}

export interface DeletedRow {
  document: number
  emailId: EmailId
  deletedAt: Date
  purgeAt: Date
  size: number
  metaSealed: Buffer
  wrappedKey: Buffer
}

/** Deleted messages that can still be recovered, newest deletion first. */
export async function selectDeleted(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; now: Date; before?: Date; limit: number },
): Promise<DeletedRow[]> {
  return tx<DeletedRow[]>`
    select d.document, d.email_id "emailId", d.deleted_at "deletedAt", d.purge_at "purgeAt", d.size, d.meta_sealed "metaSealed", b.wrapped_key "wrappedKey"
    from deleted_message d join body b on b.tenant_id = d.tenant_id and b.email_id = d.email_id
    where d.tenant_id = ${at.tenantId} and d.account_id = ${at.accountId} and d.purge_at > ${at.now} ${at.before ? tx`and d.deleted_at < ${at.before}` : tx``}
    order by d.deleted_at desc, d.document desc limit ${at.limit}`
}

/** Brings deleted messages back into a locked folder of a locked mailbox, oldest first. One per email id. */
export async function recoverMessages(
  tx: Tx,
  at: At & {
    now: Date
    emails: readonly EmailId[]
    firstUid: number
    firstDocument: number
    modseq: number
    freeBytes: number
  },
): Promise<{ uids: number[]; full: boolean }> {
  const found = await tx<{ document: number; size: number; flags: number }[]>`
    select distinct on (email_id) document, size, flags from deleted_message
    where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and email_id = any(${at.emails as EmailId[]}::uuid[]) and purge_at > ${at.now}
    order by email_id, document`
  const bytes = found.reduce((sum, row) => sum + row.size, 0)
  if (bytes > at.freeBytes) return { uids: [], full: true }
  if (found.length === 0) return { uids: [], full: false }
  const documents = found.map((row) => row.document).sort((a, b) => a - b)
  const rows = await tx<{ uid: number }[]>`
    with d as (
      delete from deleted_message where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and document = any(${documents}::bigint[])
      returning *
    ), n as (select d.*, row_number() over (order by received_at, document) - 1 as n from d), g as (
      insert into message (tenant_id, folder_id, uid, email_id, document, flags, modseq, size, received_at)
      select tenant_id, ${at.folderId}, ${at.firstUid}::bigint + n, email_id, ${at.firstDocument}::bigint + n, flags & ~8, ${at.modseq}, size, received_at from n
      returning uid
    ), r as (
      insert into meta_row (tenant_id, folder_id, uid, sealed)
      select tenant_id, ${at.folderId}, ${at.firstUid}::bigint + n, meta_sealed from n where exists (select 1 from g) returning 1
    )
    select uid from g order by uid`
  const unseen = found.filter((row) => (row.flags & 1) === 0).length
  await Promise.all([
    tx`update folder set uid_next = uid_next + ${rows.length}::int, modseq = ${at.modseq}, messages = messages + ${rows.length}::int,
       unseen = unseen + ${unseen}::int, size = size + ${bytes}::bigint where tenant_id = ${at.tenantId} and id = ${at.folderId}`,
    tx`update mailbox set next_document = next_document + ${rows.length}::int, used_bytes = used_bytes + ${bytes}::bigint,
       messages = messages + ${rows.length}::int where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`,
  ])
  return { uids: rows.map((row) => row.uid), full: false }
}
