import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { reason, tenantId } from '#server/routers/input'
import { suspendTenant } from '#server/services/tenant/suspend'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({ tenantId, reason })
const call = ({ ctx, input: given }: Call<typeof input>) => suspendTenant(ctx.services, ctx.actor, given)

export const suspendTenantAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
export const suspendTenantAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
