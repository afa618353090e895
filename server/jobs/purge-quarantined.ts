import { selectTenantPlaces } from '#db/control/queries/tenant'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Deletes mail that was left in quarantine for its days, tenant by tenant. */
export const purgeQuarantined: Job = {
  name: 'purge-quarantined',
  everyMs: 60 * MINUTE_MS,
  run: async (ctx) => {
    const tenants = await ctx.db.control.withSystem('tenant sweep', selectTenantPlaces)
    const before = new Date(ctx.clock.now().getTime() - LIMITS.quarantineDays * DAY_MS)
    let purged = 0
    for (const { id, region } of tenants) {
      try {
        purged += await ctx.core.purgeQuarantined(id, region, before)
      } catch (error) {
        ctx.log.warn('quarantine purge failed', { tenant: id, error: codeOf(error) })
      }
    }
    return purged
  },
}
