import { directoryChanged, selectLivingAccounts, signOutEverywhere } from '#db/control/queries/account'
import { updateTenantState } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { reasonOf, recordAct, sealPersonal } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/**
 * Suspends or resumes a tenant: its people cannot sign in or send while it is suspended, mail for them is deferred, nothing is lost. Each of
 * them finds it on their own ledger.
 */
export async function setTenantState(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; reason: string; state: 'active' | 'suspended' },
): Promise<void> {
  const { tenantId, state } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.suspend', tenantId)
  if (tenant.queuePublicKey.length === 0)
    throw new Fault('CONFLICT', 'This organisation is still being set up. Try again in a minute.')
  const reason = reasonOf(input.reason)
  const action = state === 'suspended' ? 'tenant.suspend' : 'tenant.resume'
  const concerned = { resellerId: tenant.resellerId, tenantId }
  const people = await ctx.db.control.withTenant(tenantId, (tx) => selectLivingAccounts(tx, tenantId))
  const forTenant = await sealPersonal(ctx, concerned, { reason })
  const forPeople = await Promise.all(
    people
      .filter((person) => person.profileSealed !== null)
      .map(async ({ id }) => ({
        accountId: id,
        personal: await sealPersonal(ctx, { ...concerned, accountId: id }, { reason }),
      })),
  )
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await updateTenantState(tx, tenantId, state)))
      throw new Fault('CONFLICT', `This organisation is ${state} already.`)
    await recordAct(tx, { actor, action, concerned, personal: forTenant, facts: { accounts: forPeople.length } })
    for (const { accountId, personal } of forPeople) {
      if (state === 'suspended') await signOutEverywhere(tx, { tenantId, accountId }, 'suspended')
      await recordAct(tx, { actor, action, concerned: { ...concerned, accountId }, personal })
    }
    await directoryChanged(tx, tenantId)
  })
}
