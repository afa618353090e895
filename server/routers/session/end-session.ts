import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { nothing, sessionId } from '#server/routers/input'
import { revokeSessions } from '#server/services/session/revoke'
import { subscriberProcedure } from '#server/trpc'

export const endOwnSession = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ sessionId }))
  .mutation(({ ctx, input }) =>
    revokeSessions(ctx.services, ctx.actor, { ...ownOf(ctx.actor), which: { only: input.sessionId } }),
  )

/** Ends every session of the owner but the one that asks. */
export const endOtherSessions = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(nothing)
  .mutation(({ ctx }) =>
    revokeSessions(ctx.services, ctx.actor, { ...ownOf(ctx.actor), which: { except: ctx.session.sessionId } }),
  )
