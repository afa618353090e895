import { z } from 'zod'
import { nothing, resellerId } from '#server/routers/input'
import { getReseller } from '#server/services/reseller/get'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

export const getResellerAsOperator = operatorProcedure
  .input(z.strictObject({ resellerId }))
  .query(({ ctx, input }) => getReseller(ctx.services, ctx.actor, input))

/** The signed-in reseller itself. */
export const getOwnReseller = resellerProcedure
  .input(nothing)
  .query(({ ctx }) => getReseller(ctx.services, ctx.actor, { resellerId: ctx.actor.resellerId }))
