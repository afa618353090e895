import { selectTenantsWithCounts } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { type TenantView, tenantView } from '#server/services/tenant/view'

export async function getTenant(ctx: ServiceContext, actor: Actor, input: { tenantId: TenantId }): Promise<TenantView> {
  const { tenantId } = input
  await authoriseTenant(ctx, actor, 'tenant.read', tenantId)
  const [row] = await ctx.db.control.withTenant(tenantId, (tx) => selectTenantsWithCounts(tx, { tenantId }))
  if (!row) throw new Fault('NOT_FOUND', 'There is no such organisation.')
  return tenantView(ctx, row)
}
