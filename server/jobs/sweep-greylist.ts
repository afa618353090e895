import { selectTenantPlaces } from '#db/control/queries/tenant'
import { deleteStaleAttempts } from '#db/mail/queries/greylist'
import { DAY_MS, HOUR_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Deletes attempts of senders who have not come again for the days that a pass lasts, tenant by tenant. */
export const sweepGreylist: Job = {
  name: 'sweep-greylist',
  everyMs: 6 * HOUR_MS,
  run: async (ctx) => {
    const tenants = await ctx.db.control.withSystem('tenant sweep', selectTenantPlaces)
    const before = new Date(ctx.clock.now().getTime() - LIMITS.greylistDays * DAY_MS)
    let swept = 0
    for (const { id, region } of tenants) {
      try {
        swept += await ctx.db.mail(region).withTenant(id, (tx) => deleteStaleAttempts(tx, before))
      } catch (error) {
        ctx.log.warn('greylist sweep failed', { tenant: id, error: codeOf(error) })
      }
    }
    return swept
  },
}
