import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { uids } from '#server/routers/input'
import { deleteQuarantine } from '#server/services/quarantine/delete'
import { subscriberProcedure } from '#server/trpc'

export const deleteOwnQuarantine = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.often })
  .input(z.strictObject({ uids }))
  .mutation(({ ctx, input }) => deleteQuarantine(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
