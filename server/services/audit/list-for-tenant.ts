import { selectTenantAudit } from '#db/control/queries/audit'
import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { type AuditView, auditPage, beforeSeq, withoutOwnNames } from '#server/services/audit/view'
import { pageLimit } from '#server/services/input/paging'

/** Everything done in a tenant, newest first. */
export async function listTenantAudit(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; after?: string; limit?: number },
): Promise<Page<AuditView>> {
  const { tenantId } = input
  await authoriseTenant(ctx, actor, 'tenant.audit', tenantId)
  const limit = pageLimit(input.limit)
  const page = { tenantId, beforeSeq: beforeSeq(input.after), limit: limit + 1 }
  const rows = await ctx.db.control.withTenant(tenantId, (tx) => selectTenantAudit(tx, page))
  return withoutOwnNames(await auditPage(ctx, rows, limit))
}
