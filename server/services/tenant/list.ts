import { selectTenantsWithCounts } from '#db/control/queries/tenant'
import type { ResellerId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { pageAfter, pageLimit } from '#server/services/input/paging'
import { type TenantView, tenantView } from '#server/services/tenant/view'

/** A reseller's tenants by name, those whose name contains `search` where it is given. */
export async function listTenants(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId; search?: string; after?: string; limit?: number },
): Promise<Page<TenantView>> {
  const { resellerId, after } = input
  await authoriseReseller(ctx, actor, 'tenant.list', resellerId)
  const rows = await ctx.db.control.withReseller(resellerId, (tx) => selectTenantsWithCounts(tx, { resellerId }))
  const wanted = input.search?.trim().toLowerCase() ?? ''
  const views = (await Promise.all(rows.map((row) => tenantView(ctx, row))))
    .filter((view) => view.name.toLowerCase().includes(wanted))
    .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1))
  return pageAfter(views, (view) => view.id, { after, limit: pageLimit(input.limit) })
}
