import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { nothing, resellerId } from '#server/routers/input'
import { givePool, listPools, setPool } from '#server/services/sending/pools'
import { operatorProcedure } from '#server/trpc'

export const listPoolsProcedure = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => listPools(ctx.services, ctx.actor))

const poolName = z.string().max(40)

export const setPoolProcedure = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ poolName, addresses: z.array(z.string().max(45)).max(100), heloName: z.string().max(253) }))
  .mutation(({ ctx, input: { poolName: name, ...rest } }) => setPool(ctx.services, ctx.actor, { name, ...rest }))

export const givePoolProcedure = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ resellerId, poolName: poolName.nullable() }))
  .mutation(({ ctx, input }) =>
    givePool(ctx.services, ctx.actor, { resellerId: input.resellerId, name: input.poolName }),
  )
