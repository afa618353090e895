import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { address, nothing, password } from '#server/routers/input'
import { getForward, setForward } from '#server/services/own-address/forward'
import { subscriberProcedure } from '#server/trpc'

export const getForwardProcedure = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => getForward(ctx.services, ctx.actor, ownOf(ctx.actor)))

export const setForwardProcedure = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(z.strictObject({ forwardTo: z.array(address).max(20), keep: z.boolean(), current: password }))
  .mutation(({ ctx, input: { forwardTo, ...rest } }) =>
    setForward(ctx.services, ctx.actor, { ...rest, to: forwardTo, ...ownOf(ctx.actor) }),
  )
