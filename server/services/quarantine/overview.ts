import { type QuarantineCount, selectQuarantineCounts } from '#db/mail/queries/quarantine-overview'
import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

/** What waits in a tenant's quarantine, counted. Senders and subjects are sealed to their owners, and stay so. */
export async function quarantineOverview(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<QuarantineCount[]> {
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.mail-policy', input.tenantId)
  return ctx.db.mail(tenant.region).withTenant(input.tenantId, (tx) => selectQuarantineCounts(tx, input.tenantId))
}
