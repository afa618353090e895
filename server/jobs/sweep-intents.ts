import { selectDueIntents } from '#db/control/queries/intent'
import { SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { Job } from '#server/jobs/job'
import { resumeIntent } from '#server/services/intents'

/** Intents a run takes up; the rest waits for the next. */
const MOST = 50

/** Takes up acts whose process died between the intent and its outcome. One that fails is tried again a minute later, and fsck names it. */
export const sweepIntents: Job = {
  name: 'sweep-intents',
  everyMs: 10 * SECOND_MS,
  run: async (ctx) => {
    const due = await ctx.db.control.withSystem('intent sweep', (tx) => selectDueIntents(tx, ctx.clock.now(), MOST))
    let done = 0
    for (const id of due) {
      try {
        if (await resumeIntent(ctx, id)) done++
      } catch (error) {
        ctx.log.warn('intent not resumed', { intent: id, error: codeOf(error) })
      }
    }
    return done
  },
}
