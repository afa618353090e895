import { selectRegions } from '#db/control/queries/region'
import type { RegionId } from '#lib/ids'
import { authoriseHouse } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

export interface RegionView {
  id: RegionId
  name: string
  legalEntity: string
  jurisdiction: string
}

/** Where mail may be stored. */
export async function listRegions(ctx: ServiceContext, actor: Actor): Promise<RegionView[]> {
  authoriseHouse(actor, 'region.list')
  return ctx.db.control.withSystem('region list', selectRegions)
}
