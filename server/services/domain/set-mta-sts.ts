import { selectDomain, setMtaSts } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import type { StsMode } from '#server/services/dns/sts-policy'

/** Sets what the domain's MTA-STS policy asks of other servers (RFC 8461 5). Its TXT record has another id then. Throws NOT_FOUND. */
export async function setDomainMtaSts(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId; mode: StsMode },
): Promise<{ mode: StsMode }> {
  const { tenantId, domainId, mode } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'domain.mta-sts', tenantId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const domain = await selectDomain(tx, { tenantId, id: domainId })
    if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
    if (domain.mtaSts === mode) return
    await setMtaSts(tx, input)
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'domain.mta-sts', concerned, facts: { domain: domainId, mode } })
  })
  return { mode }
}
