import { countAmiss } from '#db/control/queries/dns-check'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { REQUIRED } from '#server/services/dns/plan'

/** How many records that mail needs were wrong or missing at the last look, by domain; domains where all is well are left out. */
export async function listAmiss(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<{ domainId: DomainId; records: number }[]> {
  await authoriseTenant(ctx, actor, 'domain.list', input.tenantId)
  const found = await ctx.db.control.withTenant(input.tenantId, (tx) => countAmiss(tx, input.tenantId, REQUIRED))
  return [...found].map(([domainId, records]) => ({ domainId, records }))
}
