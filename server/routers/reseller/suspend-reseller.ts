import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { reason, resellerId } from '#server/routers/input'
import { suspendReseller } from '#server/services/reseller/suspend'
import { operatorProcedure } from '#server/trpc'

const input = z.strictObject({ resellerId, reason })
const call = ({ ctx, input: given }: Call<typeof input>) => suspendReseller(ctx.services, ctx.actor, given)

export const suspendResellerAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
