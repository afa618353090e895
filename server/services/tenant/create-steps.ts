import { updateTenant } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

/** The tenant's keys, then its row comes to life. Needs nothing that the row does not hold, so a resumed run completes it. */
export const createTenantSteps: IntentAction = async (ctx, intent): Promise<IntentEnd> => {
  const { tenantId } = intent
  if (!tenantId) throw new Fault('INTERNAL', 'The act names no organisation.')
  const { queuePublicKey, queueKeyVersion } = await ctx.core.keys.createTenant(tenantId)
  return {
    outcome: 'completed',
    facts: {},
    commit: async (tx) => {
      await updateTenant(tx, tenantId, { queuePublicKey, queueKeyVersion, state: 'active' })
    },
  }
}
