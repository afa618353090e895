import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { recoverDays } from '#server/routers/input'
import { setRetention } from '#server/services/account/set-retention'
import { subscriberProcedure } from '#server/trpc'

export const setOwnRetention = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ recoverDays }))
  .mutation(({ ctx, input }) => setRetention(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
