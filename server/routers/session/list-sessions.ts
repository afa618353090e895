import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listSessions } from '#server/services/session/list'
import { subscriberProcedure } from '#server/trpc'

/** The owner's web sessions; `current` marks the one that asks. */
export const listOwnSessions = subscriberProcedure.input(nothing).query(async ({ ctx }) => {
  const sessions = await listSessions(ctx.services, ctx.actor, ownOf(ctx.actor))
  return sessions.map((one) => ({ ...one, current: one.id === ctx.session.sessionId }))
})
