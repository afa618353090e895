import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listAppPasswords } from '#server/services/credential/list'
import { subscriberProcedure } from '#server/trpc'

export const listOwnAppPasswords = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listAppPasswords(ctx.services, ctx.actor, ownOf(ctx.actor)))
