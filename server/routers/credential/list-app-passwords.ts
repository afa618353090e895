import { ownOf } from '#server/routers/call'
import { listAppPasswords } from '#server/services/credential/list'
import { subscriberProcedure } from '#server/trpc'

export const listOwnAppPasswords = subscriberProcedure.query(({ ctx }) =>
  listAppPasswords(ctx.services, ctx.actor, ownOf(ctx.actor)),
)
