import { selectDomains } from '#db/control/queries/domain'
import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { type DomainView, domainView } from '#server/services/domain/view'

export async function listDomains(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<DomainView[]> {
  await authoriseTenant(ctx, actor, 'domain.list', input.tenantId)
  const rows = await ctx.db.control.withTenant(input.tenantId, (tx) => selectDomains(tx, input.tenantId))
  return rows.map(domainView)
}
