import { selectAccount } from '#db/control/queries/account'
import { keyOf } from '#server/services/account/create-steps'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

/** Brings the mailbox to what the account says now; a later choice made meanwhile wins. */
export const setRetentionSteps: IntentAction = async (ctx, intent): Promise<IntentEnd> => {
  const key = keyOf(intent)
  const account = await ctx.db.control.withTenant(key.tenantId, (tx) => selectAccount(tx, key))
  if (!account || account.state === 'closed') return { outcome: 'failed', facts: { why: 'closed' } }
  const { recoverDays, region } = account
  await ctx.core.updateMailbox({ ...key, region }, { recoverDays })
  return { outcome: 'completed', facts: { recoverDays } }
}
