import type { Databases } from '#db/client'
import { findPool } from '#db/control/queries/pool'
import { MINUTE_MS } from '#lib/clock'
import type { TenantId } from '#lib/ids'
import type { Pools } from '#mailcore/ports'

const REMEMBERED_MOST = 10_000

/** The addresses that a tenant's mail leaves from, by its reseller; remembered for a minute. */
export function createPools(db: Databases): Pools {
  const known = new Map<TenantId, { pool: Awaited<ReturnType<Pools['of']>>; until: number }>()
  return {
    of: async (tenantId) => {
      const before = known.get(tenantId)
      if (before && before.until > Date.now()) return before.pool
      const found = await findPool(db.control.lookup, tenantId)
      if (known.size >= REMEMBERED_MOST) known.clear()
      known.set(tenantId, { pool: found ?? null, until: Date.now() + MINUTE_MS })
      return found ?? null
    },
  }
}
