import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { accountStatistics } from '#server/services/account/statistics'
import { subscriberProcedure } from '#server/trpc'

export const ownAccountStatistics = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => accountStatistics(ctx.services, ctx.actor, ownOf(ctx.actor)))
