import { z } from 'zod'
import { nothing, resellerId } from '#server/routers/input'
import { listStaff } from '#server/services/staff/list'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

export const listOwnStaff = resellerProcedure
  .input(nothing)
  .query(({ ctx }) => listStaff(ctx.services, ctx.actor, { resellerId: ctx.actor.resellerId }))

export const listStaffAsOperator = operatorProcedure
  .input(z.strictObject({ resellerId }))
  .query(({ ctx, input }) => listStaff(ctx.services, ctx.actor, input))
