import { selectHouseAudit } from '#db/control/queries/audit'
import { authoriseHouse } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { type AuditView, auditPage, beforeSeq } from '#server/services/audit/view'
import { pageLimit } from '#server/services/input/paging'

/** What the operator did that concerns no reseller, newest first. */
export async function listHouseAudit(
  ctx: ServiceContext,
  actor: Actor,
  input: { after?: string; limit?: number } = {},
): Promise<Page<AuditView>> {
  authoriseHouse(actor, 'house.read')
  const limit = pageLimit(input.limit)
  const page = { beforeSeq: beforeSeq(input.after), limit: limit + 1 }
  const rows = await ctx.db.control.withSystem('operator desk', (tx) => selectHouseAudit(tx, page))
  return auditPage(ctx, rows, limit)
}
