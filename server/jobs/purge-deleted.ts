import { selectTenantPlaces } from '#db/control/queries/tenant'
import { MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { Job } from '#server/jobs/job'

/** Removes deleted messages whose days are over, with body, metadata and key, tenant by tenant (promise P13). */
export const purgeDeleted: Job = {
  name: 'purge-deleted',
  everyMs: 5 * MINUTE_MS,
  run: async (ctx) => {
    const tenants = await ctx.db.control.withSystem('tenant sweep', selectTenantPlaces)
    let purged = 0
    for (const { id, region } of tenants) {
      try {
        purged += await ctx.core.purgeDeleted(id, region, ctx.clock.now())
      } catch (error) {
        // A region that is away must not keep the others from their promise.
        ctx.log.warn('purge failed', { tenant: id, error: codeOf(error) })
      }
    }
    return purged
  },
}
