import { z } from 'zod'
import { ownOf } from '#server/routers/call'
import { folderPath, page } from '#server/routers/input'
import { listMessages } from '#server/services/mail/list-messages'
import { subscriberProcedure } from '#server/trpc'

export const listOwnMessages = subscriberProcedure
  .input(z.strictObject({ ...page, folder: folderPath }))
  .query(({ ctx, input }) => listMessages(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
