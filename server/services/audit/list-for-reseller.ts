import { selectResellerAudit } from '#db/control/queries/audit'
import type { ResellerId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { type AuditView, auditPage, beforeSeq, withoutOwnNames } from '#server/services/audit/view'
import { pageLimit } from '#server/services/input/paging'

/** Everything done at a reseller and in its tenants, newest first. */
export async function listResellerAudit(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId; after?: string; limit?: number },
): Promise<Page<AuditView>> {
  const { resellerId } = input
  await authoriseReseller(ctx, actor, 'reseller.audit', resellerId)
  const limit = pageLimit(input.limit)
  const page = { resellerId, beforeSeq: beforeSeq(input.after), limit: limit + 1 }
  const rows = await ctx.db.control.withReseller(resellerId, (tx) => selectResellerAudit(tx, page))
  return withoutOwnNames(await auditPage(ctx, rows, limit))
}
