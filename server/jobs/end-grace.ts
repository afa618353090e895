import { selectGraceOver } from '#db/control/queries/account'
import { MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { Job } from '#server/jobs/job'
import { SYSTEM } from '#server/services'
import { terminateAccount } from '#server/services/account/terminate'

/** Erases accounts whose grace is over (promise P12). */
export const endGrace: Job = {
  name: 'end-grace',
  everyMs: MINUTE_MS,
  run: async (ctx) => {
    const due = await ctx.db.control.withSystem('tenant sweep', (tx) => selectGraceOver(tx, ctx.clock.now(), 100))
    let ended = 0
    for (const target of due) {
      try {
        await terminateAccount(ctx, SYSTEM, { ...target, reason: 'The grace period is over.', now: true })
        ended++
      } catch (error) {
        ctx.log.warn('account not ended', { account: target.accountId, error: codeOf(error) })
      }
    }
    return ended
  },
}
