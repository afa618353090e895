import { insertReseller, selectReseller } from '#db/control/queries/reseller'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'
import { resellerNameContext } from '#server/services/reseller/name'

/** The key, then the row. The name is known to the caller alone, so a run resumed without it ends as failed: the caller had no answer either. */
export const createResellerSteps: IntentAction = async (ctx, intent, live): Promise<IntentEnd> => {
  const { resellerId } = intent
  if (!resellerId) throw new Fault('INTERNAL', 'The act names no reseller.')
  const there = await ctx.db.control.withReseller(resellerId, (tx) => selectReseller(tx, resellerId))
  if (there) return { outcome: 'completed', facts: {}, system: 'operator desk' }
  const name = live?.name
  if (name === undefined) return { outcome: 'failed', facts: { why: 'interrupted' }, system: 'intent sweep' }
  const key = await ctx.core.keys.createReseller(resellerId)
  const seatsCap = Number(intent.input.seats)
  const domainsCap = intent.input.domains === null ? null : Number(intent.input.domains)
  const storage = intent.input.storageBytes
  return {
    outcome: 'completed',
    facts: { seats: seatsCap },
    system: 'operator desk',
    commit: (tx) =>
      insertReseller(tx, {
        id: resellerId,
        nameSealed: seal(key, Buffer.from(name), resellerNameContext(resellerId)),
        seatsCap,
        domainsCap,
        storageCapBytes: typeof storage === 'number' ? storage : null,
        createdAt: ctx.clock.now(),
      }),
  }
}
