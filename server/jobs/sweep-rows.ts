import { deleteExpiredAccessTokens } from '#db/control/queries/access-token'
import { deleteExpiredQuarantine } from '#db/control/queries/directory'
import { deleteExpiredSessions, deleteOldFailures } from '#db/control/queries/session'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { LIMITS } from '#lib/limits'
import type { Job } from '#server/jobs/job'

/** Web sessions and access tokens that are over. */
export const sweepSessions: Job = {
  name: 'sweep-sessions',
  everyMs: 10 * MINUTE_MS,
  run: (ctx) =>
    ctx.db.control.withSystem('session sweep', async (tx) => {
      const now = ctx.clock.now()
      const tokens = await deleteExpiredAccessTokens(tx, now)
      return tokens + (await deleteExpiredSessions(tx, now, LIMITS.sessionIdleMs))
    }),
}

/** Counts of failed sign-ins; a day is more than any window looks back. */
export const sweepFailures: Job = {
  name: 'sweep-failures',
  everyMs: 10 * MINUTE_MS,
  run: (ctx) =>
    ctx.db.control.withSystem('session sweep', (tx) =>
      deleteOldFailures(tx, new Date(ctx.clock.now().getTime() - DAY_MS)),
    ),
}

/** Addresses that may be given again: not even their hash is kept any longer. */
export const sweepQuarantine: Job = {
  name: 'sweep-quarantine',
  everyMs: 60 * MINUTE_MS,
  run: (ctx) => ctx.db.control.withSystem('tenant sweep', (tx) => deleteExpiredQuarantine(tx, ctx.clock.now())),
}
