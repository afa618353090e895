import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { bytes, count, name } from '#server/routers/input'
import { createReseller } from '#server/services/reseller/create'
import { operatorProcedure } from '#server/trpc'

const input = z.strictObject({
  name,
  seats: count.optional(),
  domains: count.optional(),
  storageBytes: bytes.optional(),
})

export const createResellerProcedure = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(({ ctx, input }) => createReseller(ctx.services, ctx.actor, input))
