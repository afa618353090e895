import type { RowsOf, Tx, Writer } from '#db/client'
import { toRuns } from '#db/mail/queries/message'
import type { FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  folderId: FolderId
}

export type PageColumn = 'envelope' | 'bodystructure' | 'header' | 'preview'

/** A page with the sealed columns asked for. */
export type PageRow = { id: string; uidRuns: number[] } & { [column in PageColumn]?: Buffer }

/** Pages that hold some of the uids from `first` to `last`, but for those in `except`. */
export function selectPages(
  sql: Writer,
  at: At & { first: number; last: number; except: readonly string[] },
  columns: readonly PageColumn[],
): RowsOf<PageRow> {
  const wanted = columns.map((column) => sql`, ${sql(column)}`)
  return sql<PageRow[]>`
    select id, uid_runs::float8[] "uidRuns" ${wanted} from meta_page
    where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and last_uid >= ${at.first} and first_uid <= ${at.last}
      and not (id = any(${at.except as string[]}::uuid[])) order by first_uid`
}

/** Names of a folder's pages. */
export const selectPageIds = (sql: Writer, at: At): RowsOf<{ id: string }> => sql<{ id: string }[]>`
  select id from meta_page where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} order by first_uid`

/** One page whole; no row when it is gone. */
export const selectPage = (sql: Writer, at: At & { id: string }): RowsOf<PageRow> => sql<PageRow[]>`
  select id, uid_runs::float8[] "uidRuns", envelope, bodystructure, header, preview from meta_page
  where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and id = ${at.id}`

export interface NewPage extends Record<PageColumn, Buffer> {
  id: string
  uids: readonly number[]
}

/** Stores a page of a folder locked before, unless a message of it is gone or stands in another page. */
export function insertPage(sql: Writer, at: At, page: NewPage) {
  const runs = toRuns(page.uids)
  const query: RowsOf<{ id: string }> = sql<{ id: string }[]>`
    insert into meta_page (tenant_id, folder_id, id, first_uid, last_uid, uid_runs, envelope, bodystructure, header, preview)
    select ${at.tenantId}, ${at.folderId}, ${page.id}, ${page.uids[0] ?? 0}, ${page.uids.at(-1) ?? 0}, ${runs}::bigint[],
      ${page.envelope}, ${page.bodystructure}, ${page.header}, ${page.preview}
    where (select count(*) from message where tenant_id = ${at.tenantId} and folder_id = ${at.folderId} and uid = any(${page.uids as number[]}::bigint[])) = ${page.uids.length}
      and not exists (
        select 1 from (
          select min(r.uid) a, max(r.uid) b from meta_page p, unnest(p.uid_runs) with ordinality r(uid, n)
          where p.tenant_id = ${at.tenantId} and p.folder_id = ${at.folderId} and p.last_uid >= ${page.uids[0] ?? 0} and p.first_uid <= ${page.uids.at(-1) ?? 0}
          group by p.id, (r.n - 1) / 2
        ) held, unnest(${page.uids as number[]}::bigint[]) u where u between held.a and held.b)
    returning id`
  return query
}

/** Deletes every page that may hold one of these messages, which left the folder in the same transaction: what a page held of them is gone with them. */
export async function deletePagesOf(tx: Tx, at: At, uids: readonly number[]): Promise<void> {
  if (uids.length === 0) return
  const runs = toRuns([...uids].sort((a, b) => a - b))
  const firsts = runs.filter((_, i) => i % 2 === 0)
  const lasts = runs.filter((_, i) => i % 2 === 1)
  await tx`
    delete from meta_page p where p.tenant_id = ${at.tenantId} and p.folder_id = ${at.folderId} and p.last_uid >= ${firsts[0] ?? 0} and p.first_uid <= ${lasts.at(-1) ?? 0}
      and exists (select 1 from unnest(${firsts}::bigint[], ${lasts}::bigint[]) r(a, b) where r.a <= p.last_uid and r.b >= p.first_uid)`
}
