import { directoryChanged, updateAccount } from '#db/control/queries/account'
import { LIMITS } from '#lib/limits'
import { beginIntent } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { countOf } from '#server/services/input/text'
import { runIntent } from '#server/services/intents'

/** The owner's own number of days for which deleted mail stays recoverable: 0 up to what the organisation allows (promise P13). */
export async function setRetention(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { recoverDays: number },
): Promise<void> {
  const { tenantId, accountId } = input
  const { tenant, account, concerned } = await beginActOn(ctx, actor, 'account.set-retention', { tenantId, accountId })
  const most = Math.min(LIMITS.recoverDays.most, tenant.recoverDays)
  const recoverDays = countOf(input.recoverDays, 'recoverDays', { least: LIMITS.recoverDays.least, most })
  const intentId = await ctx.db.control.withTenant(tenantId, async (tx) => {
    await updateAccount(tx, { tenantId, accountId }, { recoverDays })
    await directoryChanged(tx, tenantId)
    return beginIntent(tx, {
      actor,
      action: 'account.set-retention',
      concerned,
      facts: { recoverDays, before: account.recoverDays },
      input: { recoverDays },
      now: ctx.clock.now(),
    })
  })
  await runIntent(ctx, intentId, { tenantId, resellerId: tenant.resellerId })
}
