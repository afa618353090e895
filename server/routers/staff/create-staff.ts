import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { address, name, password, resellerId } from '#server/routers/input'
import { createStaff } from '#server/services/staff/create'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ email: address, name: name.optional(), password })

/** A colleague of the signed-in reseller. */
export const createOwnStaff = resellerProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(own)
  .mutation(({ ctx, input }) => createStaff(ctx.services, ctx.actor, { ...input, resellerId: ctx.actor.resellerId }))

export const createStaffAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(own.extend({ resellerId }))
  .mutation(({ ctx, input }) => createStaff(ctx.services, ctx.actor, input))
