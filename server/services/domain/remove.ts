import { directoryChanged } from '#db/control/queries/account'
import { selectDkimKeys } from '#db/control/queries/dkim-key'
import { deleteDomain, lockDomainName, selectDomain, selectDomains } from '#db/control/queries/domain'
import { lockReseller } from '#db/control/queries/seats'
import { Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/** Removes a domain on which no account has an address any more, and destroys its signing keys. */
export async function removeDomain(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId },
): Promise<void> {
  const { tenantId, domainId: id } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'domain.remove', tenantId)
  const keys = await ctx.db.control.withTenant(tenantId, async (tx) => {
    // The locks that whoever creates an account or an address takes too: none appears between the count and the removal.
    await lockReseller(tx, tenant.resellerId)
    const named = await selectDomain(tx, { tenantId, id })
    if (named) await lockDomainName(tx, named.name, 'alone')
    const domain = (await selectDomains(tx, tenantId)).find((one) => one.id === id)
    if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
    if (domain.addresses > 0)
      throw new Fault(
        'CONFLICT',
        `${domain.addresses} accounts have their address on this domain. Terminate them first.`,
      )
    const living = await selectDkimKeys(tx, { tenantId, domainId: id })
    await deleteDomain(tx, { tenantId, id })
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'domain.remove', concerned, facts: { domain: id } })
    await directoryChanged(tx, tenantId)
    return living
  })
  // After the commit; what a process that dies here leaves, the worker destroys.
  for (const key of keys) await ctx.core.keys.destroyDkimKey(tenantId, key.id)
}
