import { ownOf } from '#server/routers/call'
import { getAccount } from '#server/services/account/get'
import { subscriberProcedure } from '#server/trpc'

export const getOwnAccount = subscriberProcedure.query(({ ctx }) =>
  getAccount(ctx.services, ctx.actor, ownOf(ctx.actor)),
)
