import { z } from 'zod'
import { ownOf } from '#server/routers/call'
import { page } from '#server/routers/input'
import { listRecoverable } from '#server/services/mail/list-recoverable'
import { subscriberProcedure } from '#server/trpc'

export const listOwnRecoverable = subscriberProcedure
  .input(z.strictObject(page))
  .query(({ ctx, input }) => listRecoverable(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
