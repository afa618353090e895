import type { Finding } from '#db/mail/queries/check'
import { fromRuns, selectContents } from '#db/mail/queries/message'
import { type PageRow, selectPage, selectPageIds } from '#db/mail/queries/page'
import type { FolderId } from '#lib/ids'
import { itemOf } from '#mailcore/store/columns'
import { META_COLUMNS, openColumn, pageKey } from '#mailcore/store/pages'
import { metaItems, openMetaPacked } from '#mailcore/store/sealing'
import type { MailSession } from '#mailcore/store/session'

/** Opens every page of a folder and compares each item with the message's own row. */
export async function checkPages(s: MailSession, folderId: FolderId): Promise<Finding[]> {
  const at = { tenantId: s.tenantId, folderId }
  const [ids] = await s.db.pipeline(s.tenantId, (sql) => [selectPageIds(sql, at)], { snapshot: true })
  const problems: Finding[] = []
  for (const { id } of ids) {
    const [[page]] = await s.db.pipeline(s.tenantId, (sql) => [selectPage(sql, { ...at, id })], { snapshot: true })
    if (page && !(await sameAsRows(s, folderId, page)))
      problems.push({ kind: 'page differs from its rows', id: `${folderId}/${id}` })
  }
  return problems
}

async function sameAsRows(s: MailSession, folderId: FolderId, page: PageRow): Promise<boolean> {
  const uids = fromRuns(page.uidRuns)
  const at = { tenantId: s.tenantId, folderId, uids }
  const [rows] = await s.db.pipeline(s.tenantId, (sql) => [selectContents(sql, at, { meta: true, body: false })])
  const ref = { tenantId: s.tenantId, accountId: s.accountId, folderId, id: page.id }
  const key = pageKey(s.keys)
  try {
    const columns = META_COLUMNS.map((name) => openColumn(key, ref, name, page[name] ?? Buffer.alloc(0)))
    return rows.every(({ uid, emailId, wrappedKey, meta }) => {
      const message = { tenantId: s.tenantId, accountId: s.accountId, emailId }
      const items = metaItems(openMetaPacked(s.keys.opener, message, wrappedKey, meta ?? Buffer.alloc(0)))
      const place = uids.indexOf(uid)
      return columns.every((column, i) => items[i]?.equals(itemOf(column, place)) && column.ends.length === uids.length)
    })
  } catch {
    return false
  }
}
