import type { RowsOf, Writer } from '#db/client'
import { type FolderRow, folderColumns } from '#db/mail/queries/folder'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
}

/** A folder as it is now, with what a view of it needs beyond the row. */
export interface ViewRow extends FolderRow {
  /** See `eachKeyword`; null when nothing changed. */
  keywords: Buffer | null
  /** Messages, packed: see STATE_BYTES; ascending by uid. Null for none. */
  states: Buffer | null
}

export interface ChangedViewRow extends ViewRow {
  /** Runs of uids that went; null when the folder stands where it stood, or moved on too far to say. */
  gone: number[] | null
}

/** One message: uid u32, flags i32, modseq i64, size u32, received and saved ms i64; big endian. */
export const STATE_BYTES = 36
const packed = (sql: Writer) => sql`int4send(uid::int) || int4send(flags) || int8send(modseq) || int4send(size)
  || int8send((extract(epoch from received_at) * 1000)::bigint) || int8send((extract(epoch from saved_at) * 1000)::bigint)`

/** bit u16, length u32, sealed name; one after another */
const packedKeywords = (sql: Writer, at: At) => sql`
  select string_agg(int2send(bit) || int4send(length(name_sealed)) || name_sealed, ''::bytea order by bit)
  from keyword where tenant_id = ${at.tenantId} and folder_id = ${at.folderId}`

/** The whole folder in one value, in one statement: one moment. Half the time of as many rows. */
export const selectView = (sql: Writer, at: At): RowsOf<ViewRow> => sql<ViewRow[]>`
  select ${folderColumns(sql)}, (${packedKeywords(sql, at)}) keywords,
    (select string_agg(${packed(sql)}, ''::bytea order by uid) from message where tenant_id = ${at.tenantId} and folder_id = ${at.folderId}) states
  from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId}`

/** Changes beyond which a view is read anew rather than caught up: bounds what the journal is asked for. */
const MOST_CHANGES = 1_000

/** The folder, and what happened to its messages since mod-sequence `have`, in one statement. An unchanged folder costs its row only. */
export function selectViewChanges(sql: Writer, at: At, have: number): RowsOf<ChangedViewRow> {
  const moved = sql`modseq > ${have}`
  const near = sql`modseq > ${have} and modseq - ${have} <= ${MOST_CHANGES}`
  // Unnested once for each row: a subscript would unpack a long array again for every element.
  const journal = sql`change c, unnest(c.uid_runs) with ordinality r(uid, n)
    where c.tenant_id = ${at.tenantId} and c.folder_id = ${at.folderId} and c.modseq > ${have}`
  return sql<ChangedViewRow[]>`
    select ${folderColumns(sql)}, case when ${moved} then (${packedKeywords(sql, at)}) end keywords,
      case when ${near} then array(select r.uid from ${journal} and c.kind = 'expunged' order by c.modseq, r.n)::float8[] end gone,
      case when ${near} then (
        select string_agg(${packed(sql)}, ''::bytea order by uid) from message where tenant_id = ${at.tenantId} and folder_id = ${at.folderId}
        and uid = any(array(select distinct generate_series(a, b) from (
          select min(r.uid) a, max(r.uid) b from ${journal} and c.kind <> 'expunged' group by c.modseq, c.kind, (r.n - 1) / 2) runs))) end states
    from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId}`
}

/** The sealed names in a value of packed keywords. */
export function* eachKeyword(keywords: Buffer | null): Iterable<{ bit: number; nameSealed: Buffer }> {
  if (!keywords) return
  for (let at = 0; at + 6 <= keywords.length; ) {
    const end = at + 6 + keywords.readUInt32BE(at + 2)
    yield { bit: keywords.readUInt16BE(at), nameSealed: keywords.subarray(at + 6, end) }
    at = end
  }
}
