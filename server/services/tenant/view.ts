import type { TenantRowWithCounts } from '#db/control/queries/tenant'
import type { RegionId, ResellerId, TenantId } from '#lib/ids'
import type { ServiceContext } from '#server/services'
import { tenantName } from '#server/services/tenant/name'

/** A tenant as pages and the command line show it. `reserved`: its seats are set aside from the reseller's. */
export interface TenantView {
  id: TenantId
  resellerId: ResellerId
  name: string
  region: RegionId
  state: 'active' | 'suspended'
  seats: { cap: number; used: number; reserved: boolean }
  domains: { cap: number | null; used: number }
  /** Bytes set aside from the reseller's; null where its accounts draw from what the reseller has free. */
  storageCapBytes: number | null
  recoverDays: number
  createdAt: Date
}

export async function tenantView(ctx: ServiceContext, row: TenantRowWithCounts): Promise<TenantView> {
  const { id, resellerId, region, state, recoverDays, createdAt } = row
  return {
    id,
    resellerId,
    name: await tenantName(ctx, row),
    region,
    state,
    seats: { cap: row.seatsCap, used: row.seatsUsed, reserved: row.seatsReserved },
    domains: { cap: row.domainsCap, used: row.domains },
    storageCapBytes: row.storageCapBytes,
    recoverDays,
    createdAt,
  }
}
