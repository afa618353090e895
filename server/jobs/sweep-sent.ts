import { sweepCounts } from '#db/control/queries/send-count'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { deleteReceiptsBefore } from '#db/mail/queries/receipt'
import { DAY_MS, HOUR_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Forgets what is kept of sent mail once its time is over: receipts after a year, counts that no cap looks at any more. */
export const sweepSent: Job = {
  name: 'sweep-sent',
  everyMs: 24 * HOUR_MS,
  run: async (ctx) => {
    await ctx.db.control.withSystem('tenant sweep', sweepCounts)
    const before = new Date(ctx.clock.now().getTime() - LIMITS.receiptDays * DAY_MS)
    let gone = 0
    for (const { id, region } of await ctx.db.control.withSystem('tenant sweep', selectTenantPlaces)) {
      try {
        gone += await ctx.db.mail(region).withTenant(id, (tx) => deleteReceiptsBefore(tx, id, before))
      } catch (error) {
        ctx.log.warn('receipts not swept', { tenant: id, error: codeOf(error) })
      }
    }
    return gone
  },
}
