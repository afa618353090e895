import { forgetReports } from '#db/control/queries/report-sent'
import { deleteOldReports } from '#db/mail/queries/report'
import { DAY_MS, HOUR_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Days for which it is remembered that a report went out: it is never sent later than the day after its own. */
const REMEMBERED_DAYS = 7

/** Reports that other servers sent, once their days are over: they name servers, and nobody looks that far back. */
export const sweepReports: Job = {
  name: 'sweep-reports',
  everyMs: HOUR_MS,
  run: async (ctx) => {
    const now = ctx.clock.now().getTime()
    const remembered = new Date(now - REMEMBERED_DAYS * DAY_MS).toISOString().slice(0, 10)
    await ctx.db.control.withSystem('tenant sweep', (tx) => forgetReports(tx, remembered))
    let gone = 0
    for (const region of ctx.db.regions) {
      try {
        const before = new Date(now - LIMITS.reportDays * DAY_MS)
        gone += await ctx.db.mail(region).withQueue((tx) => deleteOldReports(tx, before))
      } catch (error) {
        ctx.log.warn('reports not swept', { region, error: codeOf(error) })
      }
    }
    return gone
  },
}
