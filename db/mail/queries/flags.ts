import type { RowsOf, Writer } from '#db/client'
import type { BitChange } from '#db/mail/queries/alter'
import { type FolderRow, folderColumns } from '#db/mail/queries/folder'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
  folderId: FolderId
}

/** Messages named by uid, or all within a range. */
export type Among = { uids: readonly number[] } | { first: number; last: number }

/** Locks one folder until commit and shows it as it is then; no row when it is gone. */
export const lockFolderRow = (sql: Writer, at: At): RowsOf<FolderRow> => sql<FolderRow[]>`
  select ${folderColumns(sql)} from folder where tenant_id = ${at.tenantId} and id = ${at.folderId} and account_id = ${at.accountId} for update`

export interface FlagsChanged {
  /** The mod-sequence given, and the folder's count of unseen messages after it; null when nothing changed. */
  modseq: number | null
  unseen: number | null
  /** Runs of the uids changed */
  changed: number[]
  /** Messages refused for being newer than `since` */
  modified: number[]
}

/**
 * Changes flags of messages in a folder locked by a statement before this one: what it reads still holds when it writes. Change row, counters and
 * notification with it; a message whose flags would stay keeps its mod-sequence. By uid alone, without a join: on a folder filled a moment ago
 * the planner knows no figures, and a join of ten thousand with ten thousand went quadratic.
 */
export function changeFlagRows(sql: Writer, at: At & { among: Among; since: number }, change: BitChange) {
  const { action, bits } = change
  const next =
    action === 'set' ? sql`${bits}::int` : action === 'add' ? sql`flags | ${bits}::int` : sql`flags & ~(${bits}::int)`
  const among =
    'uids' in at.among
      ? sql`uid = any(${at.among.uids as number[]}::bigint[])`
      : sql`uid between ${at.among.first} and ${at.among.last}`
  const mine = sql`tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and ${among}`
  const query: RowsOf<FlagsChanged> = sql<FlagsChanged[]>`
    with s as materialized (select uid, flags, ${next} as after, modseq from message where ${mine}),
    t as materialized (select uid, flags, after from s where modseq <= ${at.since} and flags <> after),
    i as (select min(uid) a, max(uid) b from (select uid, uid - row_number() over (order by uid) g from t) x group by g),
    r as materialized (select array(select v from (select a, 0 n, a v from i union all select a, 1, b from i) y order by a, n) runs),
    g as (
      update folder set modseq = modseq + 1, unseen = unseen + (select coalesce(sum((flags & 1) - (after & 1)), 0) from t)
      where tenant_id = ${at.tenantId} and id = ${at.folderId} and exists (select 1 from t) returning modseq, unseen
    ),
    u as (
      update message set flags = ${next}, modseq = (select modseq + 1 from folder where tenant_id = ${at.tenantId} and id = ${at.folderId})
      where ${mine} and modseq <= ${at.since} and flags <> ${next}
    ),
    c as (
      insert into change (tenant_id, folder_id, modseq, kind, uid_runs) select ${at.tenantId}, ${at.folderId}, g.modseq, 'flags', r.runs from g, r
    )
    select (select modseq from g) modseq, (select unseen from g) unseen, (select runs from r)::float8[] changed,
      array(select uid from s where modseq > ${at.since} order by uid)::float8[] modified,
      (select pg_notify('mail', ${`${at.accountId} ${at.folderId}`}) from g)`
  return query
}
