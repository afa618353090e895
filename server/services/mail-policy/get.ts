import { selectMailPolicy } from '#db/control/queries/mail-policy'
import type { TenantId } from '#lib/ids'
import type { MailPolicy } from '#lib/mail-policy'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

/** What a tenant has chosen about mail that comes in. */
export async function getMailPolicy(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<MailPolicy> {
  await authoriseTenant(ctx, actor, 'tenant.mail-policy', input.tenantId)
  return ctx.db.control.withTenant(input.tenantId, (tx) => selectMailPolicy(tx, input.tenantId))
}
