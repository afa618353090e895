import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { bytes, count, name, tenantId } from '#server/routers/input'
import { updateTenantSettings } from '#server/services/tenant/update'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({
  tenantId,
  name: name.optional(),
  seats: count.optional(),
  domains: count.nullable().optional(),
  storageBytes: bytes.nullable().optional(),
})
const call = ({ ctx, input: given }: Call<typeof input>) => updateTenantSettings(ctx.services, ctx.actor, given)

export const updateTenantAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
export const updateTenantAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(call)
