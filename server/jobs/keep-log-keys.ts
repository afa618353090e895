import { deleteLogKeysBefore, insertLogKey } from '#db/control/queries/log-key'
import { deleteTraceBefore } from '#db/mail/queries/trace'
import { DAY_MS, HOUR_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Keys, and with them their lines, removed in one transaction at most. */
const BATCH = 200

/**
 * Makes the key of today's logs and tomorrow's, and destroys those of thirty days ago: from that moment their lines open no more, wherever a copy of them
 * lies (promise P14). Then the lines themselves go.
 */
export const keepLogKeys: Job = {
  name: 'keep-log-keys',
  everyMs: HOUR_MS,
  run: async (ctx) => {
    const today = Math.floor(ctx.clock.now().getTime() / DAY_MS)
    for (const day of [today, today + 1]) {
      const { publicKey } = await ctx.core.keys.createLogPair(day)
      await ctx.db.control.withSystem('tenant sweep', (tx) => insertLogKey(tx, { day, publicKey }))
    }
    const first = today - LIMITS.logDays + 1
    const destroyed = await ctx.core.keys.destroyLogPairsBefore(first)
    await ctx.db.control.withSystem('tenant sweep', (tx) => deleteLogKeysBefore(tx, first))
    for (const region of ctx.db.regions) {
      try {
        for (let gone = BATCH; gone === BATCH; )
          gone = await ctx.db.mail(region).withQueue((tx) => deleteTraceBefore(tx, first, BATCH))
      } catch (error) {
        ctx.log.warn('trace not swept', { region, error: codeOf(error) })
      }
    }
    return destroyed
  },
}
