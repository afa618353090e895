import type { RowsOf, Writer } from '#db/client'
import { visible } from '#db/mail/queries/folder'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

/** A message made ready: sealed under its own key, its flags as a word of the folder it goes to. */
export interface Prepared {
  emailId: EmailId
  flags: number
  size: number
  receivedAt: Date
  wrappedKey: Buffer
  body: Buffer
  meta: Buffer
}

interface At {
  tenantId: TenantId
  accountId: AccountId
}

/** Locks the account's row until commit: always before any of its folders, so that nothing waits in a circle. */
export const lockMailboxRow = (sql: Writer, at: At) => sql`
  select 1 from mailbox where tenant_id = ${at.tenantId} and account_id = ${at.accountId} for update`

/** Locks the folder of a name until commit; no row when there is none. */
export const lockFolderByName = (sql: Writer, at: At & { nameHash: Buffer }): RowsOf<{ id: FolderId }> => sql<
  { id: FolderId }[]
>`
  select id from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and name_hash = ${at.nameHash}
    and ${visible(sql)} for update`

export interface Appended {
  folderId: FolderId
  uid: number
  uidValidity: number
}

/**
 * Appends one message to the folder of a name, mailbox and folder locked by statements before this one: counters, content, change row and notification.
 * No row when the message does not fit: nothing was written then. Where the folder is gone it has nothing to say either.
 */
export function appendByName(sql: Writer, at: At & { nameHash: Buffer }, row: Prepared) {
  const seen = (row.flags & 1) === 0 ? 1 : 0
  const query: RowsOf<Appended> = sql<Appended[]>`
    with o as (
      select id from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and name_hash = ${at.nameHash} and ${visible(sql)}
    ), m as (
      update mailbox set next_document = next_document + 1, used_bytes = used_bytes + ${row.size}::int, messages = messages + 1
      where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and used_bytes + ${row.size}::int <= quota_bytes and exists (select 1 from o)
      returning next_document - 1 as document
    ), f as (
      update folder set uid_next = uid_next + 1, modseq = modseq + 1, messages = messages + 1, unseen = unseen + ${seen}::int, size = size + ${row.size}::int
      from m, o where folder.tenant_id = ${at.tenantId} and folder.id = o.id
      returning folder.id, uid_next - 1 as uid, modseq, uid_validity, m.document
    ), b as (
      insert into body (tenant_id, email_id, account_id, wrapped_key, sealed)
      select ${at.tenantId}, ${row.emailId}, ${at.accountId}, ${row.wrappedKey}, ${row.body} from f returning 1
    ), g as (
      insert into message (tenant_id, folder_id, uid, email_id, document, flags, modseq, size, received_at)
      select ${at.tenantId}, f.id, f.uid, ${row.emailId}, f.document, ${row.flags}::int, f.modseq, ${row.size}::int, ${row.receivedAt} from f, b returning 1
    ), r as (
      insert into meta_row (tenant_id, folder_id, uid, sealed) select ${at.tenantId}, f.id, f.uid, ${row.meta} from f, g returning 1
    ), c as (
      insert into change (tenant_id, folder_id, modseq, kind, uid_runs) select ${at.tenantId}, f.id, f.modseq, 'added', array[f.uid, f.uid] from f, r returning 1
    )
    select f.id "folderId", f.uid, f.uid_validity "uidValidity", pg_notify('mail', ${`${at.accountId} `} || f.id) from f, c`
  return query
}

/** Writes body, message and metadata of one message whose numbers the caller has taken from the locked rows. */
export const insertPrepared = (
  sql: Writer,
  at: At & { folderId: FolderId; uid: number; document: number; modseq: number },
  row: Prepared,
) => sql`
  with b as (
    insert into body (tenant_id, email_id, account_id, wrapped_key, sealed)
    values (${at.tenantId}, ${row.emailId}, ${at.accountId}, ${row.wrappedKey}, ${row.body}) returning 1
  ), g as (
    insert into message (tenant_id, folder_id, uid, email_id, document, flags, modseq, size, received_at)
    select ${at.tenantId}, ${at.folderId}, ${at.uid}::bigint, ${row.emailId}, ${at.document}::bigint, ${row.flags}::int, ${at.modseq}::bigint, ${row.size}::int, ${row.receivedAt} from b
    returning 1
  )
  insert into meta_row (tenant_id, folder_id, uid, sealed) select ${at.tenantId}, ${at.folderId}, ${at.uid}::bigint, ${row.meta} from g`

/** Raises the counters of mailbox and folder by messages that come. */
export const countAppended = (
  sql: Writer,
  at: At & { folderId: FolderId; modseq: number },
  came: { messages: number; bytes: number; unseen: number },
) => [
  sql`update folder set uid_next = uid_next + ${came.messages}::int, modseq = ${at.modseq}, messages = messages + ${came.messages}::int,
    unseen = unseen + ${came.unseen}::int, size = size + ${came.bytes}::bigint where tenant_id = ${at.tenantId} and id = ${at.folderId}`,
  sql`update mailbox set next_document = next_document + ${came.messages}::int, used_bytes = used_bytes + ${came.bytes}::bigint,
    messages = messages + ${came.messages}::int where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`,
]
