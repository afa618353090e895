import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { getAccount } from '#server/services/account/get'
import { subscriberProcedure } from '#server/trpc'

export const getOwnAccount = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => getAccount(ctx.services, ctx.actor, ownOf(ctx.actor)))
