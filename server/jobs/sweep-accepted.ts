import { ACCEPTED_HOURS, deleteOldAccepted } from '#db/mail/queries/deliver'
import { HOUR_MS, MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { Job } from '#server/jobs/job'

/** Rows deleted in one transaction at most. */
const BATCH = 5_000

/** Forgets which messages the mailboxes took, once no sender asks any more: not even a hash is kept for longer. */
export const sweepAccepted: Job = {
  name: 'sweep-accepted',
  everyMs: 10 * MINUTE_MS,
  run: async (ctx) => {
    const before = new Date(ctx.clock.now().getTime() - ACCEPTED_HOURS * HOUR_MS)
    let swept = 0
    for (const region of ctx.db.regions) {
      try {
        for (let gone = BATCH; gone === BATCH; swept += gone)
          gone = await deleteOldAccepted(ctx.db.mail(region), before, BATCH)
      } catch (error) {
        // A region that is away must not keep the others waiting.
        ctx.log.warn('sweep failed', { region, error: codeOf(error) })
      }
    }
    return swept
  },
}
