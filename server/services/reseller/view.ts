import type { ResellerRow } from '#db/control/queries/reseller'
import type { ResellerId } from '#lib/ids'
import type { ServiceContext } from '#server/services'
import { resellerName } from '#server/services/reseller/name'

/** A reseller as pages and the command line show it. */
export interface ResellerView {
  id: ResellerId
  name: string
  state: 'active' | 'suspended'
  seatsCap: number
  domainsCap: number | null
  storageCapBytes: number | null
  createdAt: Date
}

export async function resellerView(ctx: ServiceContext, row: ResellerRow): Promise<ResellerView> {
  const { id, state, seatsCap, domainsCap, storageCapBytes, createdAt } = row
  return { id, name: await resellerName(ctx, row), state, seatsCap, domainsCap, storageCapBytes, createdAt }
}
