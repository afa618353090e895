import { z } from 'zod'
import { ownOf } from '#server/routers/call'
import { folderPath, uid } from '#server/routers/input'
import { readMessage } from '#server/services/mail/read-message'
import { subscriberProcedure } from '#server/trpc'

export const readOwnMessage = subscriberProcedure
  .input(z.strictObject({ folder: folderPath, uid }))
  .query(({ ctx, input }) => readMessage(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
