import { directoryChanged, updateAccount } from '#db/control/queries/account'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/** Makes an account a domain admin, or a member again. Sessions stand: each request reads the role anew. */
export async function setRole(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { role: 'member' | 'admin'; reason?: string },
): Promise<void> {
  const { tenantId, accountId, role } = input
  const { concerned, personal, isOwner } = await beginActOn(ctx, actor, 'account.set-role', input)
  if (isOwner) throw new Fault('FORBIDDEN', 'You cannot change your own role.')
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const changed = await updateAccount(tx, { tenantId, accountId }, { role }, ['active', 'suspended'])
    if (!changed) throw new Fault('CONFLICT', 'This account is closing.')
    await directoryChanged(tx, tenantId)
    await recordAct(tx, { actor, action: 'account.set-role', concerned, personal, facts: { role } })
  })
  ctx.directoryCache.forget(tenantId)
}
