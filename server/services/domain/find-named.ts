import { selectDomainsNamed, type VerifiedDomain } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import { authoriseHouse } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { domainOf } from '#server/services/input/text'

/** The domain of this name, for the operator: whoever has verified it, else the only one who claims it. Throws NOT_FOUND. */
export async function findDomainNamed(ctx: ServiceContext, actor: Actor, name: string): Promise<VerifiedDomain> {
  authoriseHouse(actor, 'house.read')
  const wanted = domainOf(name)
  const [found] = await ctx.db.control.withSystem('operator desk', (tx) => selectDomainsNamed(tx, wanted))
  if (!found) throw new Fault('NOT_FOUND', `No tenant has the domain ${wanted}.`)
  return found
}
