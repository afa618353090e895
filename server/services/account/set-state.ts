import { directoryChanged, signOutEverywhere, updateAccount } from '#db/control/queries/account'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/** Suspends or resumes an account. Suspending ends every session at every door when it commits; mail for it is deferred; nothing is lost. */
export async function setAccountState(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { reason: string; state: 'active' | 'suspended' },
): Promise<void> {
  const { tenantId, accountId, state } = input
  const target = { tenantId, accountId }
  const act = await beginActOn(ctx, actor, 'account.suspend', input)
  if (act.isOwner) throw new Fault('FORBIDDEN', 'You cannot suspend your own account.')
  const from = state === 'suspended' ? ('active' as const) : ('suspended' as const)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const changed = await updateAccount(tx, target, { state }, [from])
    if (!changed) throw new Fault('CONFLICT', `This account is ${act.account.state}.`)
    if (state === 'suspended') await signOutEverywhere(tx, target, 'suspended')
    await directoryChanged(tx, tenantId)
    const action = state === 'suspended' ? 'account.suspend' : 'account.resume'
    await recordAct(tx, { actor, action, concerned: act.concerned, personal: act.personal })
  })
  ctx.directoryCache.forget(tenantId)
}
