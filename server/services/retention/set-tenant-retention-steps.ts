import { selectLivingAccounts, updateAccount } from '#db/control/queries/account'
import { Fault } from '#lib/errors'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

/** Lowers every account above the new ceiling, in the directory and in its mailbox. A second run finds what is left. */
export const setTenantRetentionSteps: IntentAction = async (ctx, intent): Promise<IntentEnd> => {
  const { tenantId } = intent
  if (!tenantId) throw new Fault('INTERNAL', 'The act names no organisation.')
  const recoverDays = Number(intent.input.recoverDays)
  const people = await ctx.db.control.withTenant(tenantId, (tx) => selectLivingAccounts(tx, tenantId))
  let lowered = 0
  for (const { id: accountId, region, recoverDays: days } of people) {
    if (days <= recoverDays) continue
    // The mailbox first: a crash between the two leaves the account above the ceiling, and the next run finds it again.
    await ctx.core.updateMailbox({ tenantId, accountId, region }, { recoverDays })
    await ctx.db.control.withTenant(tenantId, (tx) => updateAccount(tx, { tenantId, accountId }, { recoverDays }))
    lowered++
  }
  return { outcome: 'completed', facts: { recoverDays, lowered } }
}
