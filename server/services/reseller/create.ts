import { type IntentId, newId, type ResellerId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseHouse } from '#server/access'
import { beginIntent } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { countOf, nameOf, storageOf } from '#server/services/input/text'
import { runIntent } from '#server/services/intents'

/** Makes a reseller. Without `seats` it gets 1,000; without `domains` or `storageBytes` these are not limited. */
export async function createReseller(
  ctx: ServiceContext,
  actor: Actor,
  input: { name: string; seats?: number; domains?: number; storageBytes?: number },
): Promise<{ id: ResellerId }> {
  authoriseHouse(actor, 'reseller.create')
  const name = nameOf(input.name, 'name')
  const seats = countOf(input.seats ?? LIMITS.seatsInitially, 'seats', { least: 0, most: 10_000_000 })
  const domains = input.domains === undefined ? null : countOf(input.domains, 'domains', { least: 0, most: 1_000_000 })
  const storageBytes = input.storageBytes === undefined ? null : storageOf(input.storageBytes, 'storageBytes')
  const id = newId<ResellerId>()
  const intentId = newId<IntentId>()
  await ctx.db.control.withSystem('operator desk', (tx) =>
    beginIntent(tx, {
      id: intentId,
      actor,
      action: 'reseller.create',
      concerned: { resellerId: id },
      input: { seats, domains, storageBytes },
      now: ctx.clock.now(),
    }),
  )
  await runIntent(ctx, intentId, { tenantId: null, resellerId: id }, { name })
  return { id }
}
