import type { TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

/** The tenant's policy, and the bounds within which it may be chosen. */
export async function getTenantRetention(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<{ recoverDays: number; least: number; most: number }> {
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.retention', input.tenantId)
  const { least, most } = LIMITS.recoverDays
  return { recoverDays: tenant.recoverDays, least, most }
}
