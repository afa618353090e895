import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { folderPath, uids } from '#server/routers/input'
import { deleteMessages } from '#server/services/mail/delete'
import { subscriberProcedure } from '#server/trpc'

export const deleteOwnMessages = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.often })
  .input(z.strictObject({ folder: folderPath, uids }))
  .mutation(({ ctx, input }) => deleteMessages(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
