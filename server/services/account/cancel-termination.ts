import { directoryChanged, lockAccount, updateAccount } from '#db/control/queries/account'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/** Brings an account back while its grace runs. */
export async function cancelTermination(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { reason?: string },
): Promise<void> {
  const { tenantId, accountId } = input
  const { concerned, personal } = await beginActOn(ctx, actor, 'account.cancel-termination', input)
  const now = ctx.clock.now()
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const account = await lockAccount(tx, { tenantId, accountId })
    if (account?.state !== 'closing') throw new Fault('CONFLICT', 'The end of this account was not asked for.')
    // Past the grace its keys may be going at this moment.
    if (account.closingUntil === null || account.closingUntil <= now)
      throw new Fault('CONFLICT', 'The grace is over: this account is being erased.')
    await updateAccount(tx, { tenantId, accountId }, { state: 'active', closingUntil: null })
    await directoryChanged(tx, tenantId)
    await recordAct(tx, { actor, action: 'account.cancel-termination', concerned, personal })
  })
  ctx.directoryCache.forget(tenantId)
}
