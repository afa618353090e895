import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { reason, resellerId } from '#server/routers/input'
import { resumeReseller } from '#server/services/reseller/resume'
import { operatorProcedure } from '#server/trpc'

const input = z.strictObject({ resellerId, reason })
const call = ({ ctx, input: given }: Call<typeof input>) => resumeReseller(ctx.services, ctx.actor, given)

export const resumeResellerAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
