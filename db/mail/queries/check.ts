import type { Tx } from '#db/client'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

export interface Finding {
  kind: string
  id: string
}

/** Recounts what SQL alone can: counters, uid and mod-sequence bounds, references. Each row is a violated invariant (reliability section 2). */
export async function findViolations(tx: Tx, at: At): Promise<Finding[]> {
  return tx<Finding[]>`
    with f as (select * from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId}),
    m as (select m.*, f.account_id from message m join f on f.id = m.folder_id where m.tenant_id = ${at.tenantId}),
    c as (select f.id, count(m.uid) n, coalesce(sum(1 - (m.flags & 1)) filter (where m.uid is not null), 0) unseen, coalesce(sum(m.size), 0) size,
            coalesce(max(m.uid), 0) top, coalesce(max(m.modseq), 0) modseq from f left join m on m.folder_id = f.id group by f.id),
    b as (select * from body where tenant_id = ${at.tenantId} and account_id = ${at.accountId}),
    q as (select * from quarantined where tenant_id = ${at.tenantId} and account_id = ${at.accountId}),
    p as (select id, folder_id, generate_series(a, b) uid from (
            select g.id, g.folder_id, min(r.uid) a, max(r.uid) b from meta_page g join f on f.id = g.folder_id, unnest(g.uid_runs) with ordinality r(uid, n)
            where g.tenant_id = ${at.tenantId} group by g.id, g.folder_id, (r.n - 1) / 2) runs)
    select 'I-C1 folder counters' kind, f.id::text id from f join c using (id) where f.messages <> c.n or f.unseen <> c.unseen or f.size <> c.size
    union all select 'I-U2 uid at or above UIDNEXT', f.id::text from f join c using (id) where c.top >= f.uid_next
    union all select 'I-U3 UIDVALIDITY', f.id::text from f, mailbox x where x.tenant_id = ${at.tenantId} and x.account_id = ${at.accountId}
      and (f.uid_validity < 1 or f.uid_validity > 4294967295 or f.uid_validity >= x.next_uid_validity)
    union all select 'I-M1 modseq above the folder', f.id::text from f join c using (id) where c.modseq > f.modseq
    union all select 'I-M1 modseq not positive', m.folder_id::text || '/' || m.uid from m where m.modseq < 1
    union all select 'I-Q1 mailbox totals', x.account_id::text from mailbox x where x.tenant_id = ${at.tenantId} and x.account_id = ${at.accountId}
      and (x.used_bytes <> (select coalesce(sum(size), 0) from m) or x.messages <> (select count(*) from m) or x.used_bytes < 0)
    union all select 'document at or above the counter', m.folder_id::text || '/' || m.uid from m, mailbox x
      where x.tenant_id = ${at.tenantId} and x.account_id = ${at.accountId} and m.document >= x.next_document
    union all select 'document twice', min(m.folder_id::text) || '/' || m.document from m group by m.document having count(*) > 1
    union all select 'I-D3 message without metadata', m.folder_id::text || '/' || m.uid from m
      where not exists (select 1 from meta_row r where r.tenant_id = m.tenant_id and r.folder_id = m.folder_id and r.uid = m.uid)
    union all select 'I-D3 body of another account', m.folder_id::text || '/' || m.uid from m
      where not exists (select 1 from b where b.email_id = m.email_id)
    union all select 'I-D3 body nobody refers to', b.email_id::text from b
      where not exists (select 1 from message x where x.tenant_id = b.tenant_id and x.email_id = b.email_id)
        and not exists (select 1 from deleted_message d where d.tenant_id = b.tenant_id and d.email_id = b.email_id)
    union all select 'I-M2 message newer than any change', m.folder_id::text || '/' || m.uid from m
      where not exists (select 1 from change h where h.tenant_id = m.tenant_id and h.folder_id = m.folder_id and h.modseq = m.modseq)
    union all select 'page outlives a message', p.folder_id::text || '/' || p.uid from p
      where not exists (select 1 from m where m.folder_id = p.folder_id and m.uid = p.uid)
    union all select 'message in two pages', p.folder_id::text || '/' || p.uid from p group by p.folder_id, p.uid having count(*) > 1
    union all select 'page bounds', g.folder_id::text || '/' || g.id from meta_page g join f on f.id = g.folder_id
      where g.tenant_id = ${at.tenantId} and (g.first_uid <> (select min(uid) from p where p.id = g.id) or g.last_uid <> (select max(uid) from p where p.id = g.id))
    union all select 'message that nobody waits for', m.folder_id::text || '/' || m.uid from m join f on f.id = m.folder_id
      where f.special_use = 'intake' and not exists (select 1 from intake i where i.tenant_id = m.tenant_id and i.folder_id = m.folder_id and i.uid = m.uid)
    union all select 'message in quarantine without a cause', m.folder_id::text || '/' || m.uid from m join f on f.id = m.folder_id
      where f.special_use = 'quarantine' and not exists (select 1 from q where q.folder_id = m.folder_id and q.uid = m.uid)
    union all select 'cause without a message in quarantine', q.folder_id::text || '/' || q.uid from q
      where not exists (select 1 from m join f on f.id = m.folder_id where f.special_use = 'quarantine' and m.folder_id = q.folder_id and m.uid = q.uid)
    union all select 'hidden folder twice', min(f.id::text) from f where f.special_use in ('intake', 'quarantine') group by f.special_use having count(*) > 1
    union all select 'inbox missing', x.account_id::text from mailbox x where x.tenant_id = ${at.tenantId} and x.account_id = ${at.accountId}
      and not exists (select 1 from f where f.id = x.inbox_id)`
}

export interface StoredContent {
  emailId: EmailId
  wrappedKey: Buffer
  sealed: Buffer
}

/** Bodies of an account in the order of their ids, to be opened one after another. */
export async function selectBodiesAfter(
  tx: Tx,
  at: At & { after: EmailId | null; limit: number },
): Promise<StoredContent[]> {
  return tx<StoredContent[]>`
    select email_id "emailId", wrapped_key "wrappedKey", sealed from body
    where tenant_id = ${at.tenantId} and account_id = ${at.accountId} ${at.after ? tx`and email_id > ${at.after}` : tx``} order by email_id limit ${at.limit}`
}

export interface StoredMeta {
  emailId: EmailId
  folderId: FolderId
  uid: number
  size: number
  wrappedKey: Buffer
  sealed: Buffer
}

/** Metadata of the messages that hold one of these bodies. */
export async function selectMetaOf(tx: Tx, at: At & { emails: readonly EmailId[] }): Promise<StoredMeta[]> {
  return tx<StoredMeta[]>`
    select m.email_id "emailId", m.folder_id "folderId", m.uid, m.size, b.wrapped_key "wrappedKey", r.sealed
    from message m join body b on b.tenant_id = m.tenant_id and b.email_id = m.email_id
    join meta_row r on r.tenant_id = m.tenant_id and r.folder_id = m.folder_id and r.uid = m.uid
    where m.tenant_id = ${at.tenantId} and m.email_id = any(${at.emails as EmailId[]}::uuid[])`
}
