import { directoryChanged, selectAccount } from '#db/control/queries/account'
import { setCatchAll as updateCatchAll } from '#db/control/queries/address-group'
import { Fault } from '#lib/errors'
import type { AccountId, DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/** Who gets what is sent to an address of this domain that nobody has; null: it is refused, which is how it begins. */
export async function setCatchAll(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId; accountId: AccountId | null },
): Promise<void> {
  const { tenantId, domainId, accountId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (accountId !== null) {
      const account = await selectAccount(tx, { tenantId, accountId })
      if (!account || account.state === 'closed')
        throw new Fault('NOT_FOUND', 'There is no such account.', { field: 'accountId' })
    }
    if (!(await updateCatchAll(tx, { tenantId, domainId, accountId })))
      throw new Fault('NOT_FOUND', 'There is no such verified domain.')
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    await recordAct(tx, { actor, action: 'catch-all.set', concerned, facts: { domain: domainId } })
    await directoryChanged(tx, tenantId)
  })
}
