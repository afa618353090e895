import { type AccountState, countAccountsByState } from '#db/control/queries/account'
import { selectUnfinished } from '#db/control/queries/intent'
import { type RegionRow, selectRegions } from '#db/control/queries/region'
import { selectResellers } from '#db/control/queries/reseller'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { MINUTE_MS } from '#lib/clock'
import { authoriseHouse } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

export interface SystemStatus {
  regions: (RegionRow & { tenants: number })[]
  resellers: { active: number; suspended: number }
  tenants: number
  accounts: Record<AccountState, number>
  /** Recipients waiting to be delivered elsewhere */
  queue: number
  /** Acts begun more than a minute ago and not finished */
  unfinishedIntents: number
}

/** The house at a glance: counts only. */
export async function systemStatus(ctx: ServiceContext, actor: Actor): Promise<SystemStatus> {
  authoriseHouse(actor, 'house.read')
  const before = new Date(ctx.clock.now().getTime() - MINUTE_MS)
  const counts = await ctx.db.control.withSystem('operator desk', async (tx) => ({
    regions: await selectRegions(tx),
    resellers: await selectResellers(tx),
    tenants: await selectTenantPlaces(tx),
    accounts: await countAccountsByState(tx),
    unfinished: await selectUnfinished(tx, before),
  }))
  const suspended = counts.resellers.filter((reseller) => reseller.state === 'suspended').length
  return {
    regions: counts.regions.map((region) => ({
      ...region,
      tenants: counts.tenants.filter((tenant) => tenant.region === region.id).length,
    })),
    resellers: { active: counts.resellers.length - suspended, suspended },
    tenants: counts.tenants.length,
    accounts: counts.accounts,
    queue: await ctx.core.queue.depth(),
    unfinishedIntents: counts.unfinished.length,
  }
}
