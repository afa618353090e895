import { ownOf } from '#server/routers/call'
import { accountStatistics } from '#server/services/account/statistics'
import { subscriberProcedure } from '#server/trpc'

export const ownAccountStatistics = subscriberProcedure.query(({ ctx }) =>
  accountStatistics(ctx.services, ctx.actor, ownOf(ctx.actor)),
)
