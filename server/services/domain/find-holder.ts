import { selectVerifiedHolder } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import { authoriseHouse } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { addressOf } from '#server/services/input/text'

/** The tenant on whose verified domain an address lies; for the operator. Throws NOT_FOUND. */
export async function findTenantOfAddress(ctx: ServiceContext, actor: Actor, address: string): Promise<TenantId> {
  authoriseHouse(actor, 'house.read')
  const { domain } = addressOf(address)
  const found = await ctx.db.control.withSystem('operator desk', (tx) => selectVerifiedHolder(tx, domain))
  if (!found) throw new Fault('NOT_FOUND', `No tenant has ${domain} as a verified domain.`)
  return found
}
