import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { name } from '#server/routers/input'
import { changeProfile } from '#server/services/account/change-profile'
import { subscriberProcedure } from '#server/trpc'

export const changeOwnProfile = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ name }))
  .mutation(({ ctx, input }) => changeProfile(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
