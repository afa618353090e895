import { selectDomain } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { tendDkim } from '#server/services/dkim/tend'

/**
 * Makes new signing keys for a verified domain now; a key that waits to be published already stays the only one. The old ones sign until the records of
 * the new are seen. Throws NOT_FOUND for the domain, CONFLICT before it is verified.
 */
export async function rotateDkim(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId },
): Promise<{ made: number }> {
  const { tenantId, domainId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'dkim.rotate', tenantId)
  const domain = await ctx.db.control.withTenant(tenantId, (tx) => selectDomain(tx, { tenantId, id: domainId }))
  if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
  if (domain.state !== 'verified') throw new Fault('CONFLICT', 'The domain is not verified yet.')
  const made = await tendDkim(ctx, actor, { ...input, resellerId: tenant.resellerId }, { rotate: true })
  return { made }
}
