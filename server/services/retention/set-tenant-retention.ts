import { directoryChanged } from '#db/control/queries/account'
import { updateTenant } from '#db/control/queries/tenant'
import type { TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseTenant } from '#server/access'
import { beginIntent } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { countOf } from '#server/services/input/text'
import { runIntent } from '#server/services/intents'

/**
 * Sets the days for which deleted mail stays recoverable: what new accounts begin with, and the most an account may choose. Accounts above it
 * are lowered; what was deleted before keeps the days it had.
 */
export async function setTenantRetention(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; recoverDays: number },
): Promise<void> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.retention', tenantId)
  const { least, most } = LIMITS.recoverDays
  const recoverDays = countOf(input.recoverDays, 'recoverDays', { least, most })
  const { resellerId } = tenant
  const intentId = await ctx.db.control.withTenant(tenantId, async (tx) => {
    await updateTenant(tx, tenantId, { recoverDays })
    await directoryChanged(tx, tenantId)
    return beginIntent(tx, {
      actor,
      action: 'tenant.retention',
      concerned: { resellerId, tenantId },
      facts: { recoverDays, before: tenant.recoverDays },
      input: { recoverDays },
      now: ctx.clock.now(),
    })
  })
  await runIntent(ctx, intentId, { tenantId, resellerId })
}
