import { z } from 'zod'
import { nothing, resellerId } from '#server/routers/input'
import { resellerStatistics } from '#server/services/reseller/statistics'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

export const resellerStatisticsAsOperator = operatorProcedure
  .input(z.strictObject({ resellerId }))
  .query(({ ctx, input }) => resellerStatistics(ctx.services, ctx.actor, input))

/** Counts of the signed-in reseller's own tenants. */
export const ownStatistics = resellerProcedure
  .input(nothing)
  .query(({ ctx }) => resellerStatistics(ctx.services, ctx.actor, { resellerId: ctx.actor.resellerId }))
