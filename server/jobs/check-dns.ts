import { selectDomainsToCheck } from '#db/control/queries/dns-check'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { Job } from '#server/jobs/job'
import { lookAgain } from '#server/services/dns/check'

/** Domains of one run; each costs some twenty questions to the DNS. Ten minutes apart, that is 28,000 domains a day. */
const AT_ONCE = 200

/** Looks the records of every verified domain up once a day, and hourly while a new signing key waits to be published. */
export const checkDns: Job = {
  name: 'check-dns',
  everyMs: 10 * MINUTE_MS,
  run: async (ctx) => {
    const now = ctx.clock.now().getTime()
    const due = await ctx.db.control.withSystem('tenant sweep', (tx) =>
      selectDomainsToCheck(tx, {
        before: new Date(now - DAY_MS),
        waitingBefore: new Date(now - HOUR_MS),
        limit: AT_ONCE,
      }),
    )
    let checked = 0
    for (const domain of due) {
      try {
        await lookAgain(ctx, domain)
        checked++
      } catch (error) {
        ctx.log.warn('records not checked', { domain: domain.domainId, error: codeOf(error) })
      }
    }
    return checked
  },
}
