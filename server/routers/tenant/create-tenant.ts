import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { bytes, count, name, recoverDays, regionId, resellerId } from '#server/routers/input'
import { createTenant } from '#server/services/tenant/create'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({
  name,
  region: regionId,
  seats: count.optional(),
  domains: count.optional(),
  storageBytes: bytes.optional(),
  recoverDays: recoverDays.optional(),
})

/** A tenant of the signed-in reseller. */
export const createTenantAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => createTenant(ctx.services, ctx.actor, { ...input, resellerId: ctx.actor.resellerId }))

export const createTenantAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own.extend({ resellerId }))
  .mutation(({ ctx, input }) => createTenant(ctx.services, ctx.actor, input))
