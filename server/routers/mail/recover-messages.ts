import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { emailId, folderPath } from '#server/routers/input'
import { recoverMessages } from '#server/services/mail/recover'
import { subscriberProcedure } from '#server/trpc'

export const recoverOwnMessages = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ emailIds: z.array(emailId).min(1).max(500), to: folderPath.optional() }))
  .mutation(({ ctx, input }) => recoverMessages(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
