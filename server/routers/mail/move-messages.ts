import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { folderPath, uids } from '#server/routers/input'
import { moveMessages } from '#server/services/mail/move'
import { subscriberProcedure } from '#server/trpc'

export const moveOwnMessages = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.often })
  .input(z.strictObject({ folder: folderPath, uids, to: folderPath }))
  .mutation(({ ctx, input }) => moveMessages(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
