import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { reason, tenantId } from '#server/routers/input'
import { resumeTenant } from '#server/services/tenant/resume'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({ tenantId, reason })
const call = ({ ctx, input: given }: Call<typeof input>) => resumeTenant(ctx.services, ctx.actor, given)

export const resumeTenantAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
export const resumeTenantAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
