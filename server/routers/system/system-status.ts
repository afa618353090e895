import { nothing } from '#server/routers/input'
import { systemStatus } from '#server/services/system/status'
import { operatorProcedure } from '#server/trpc'

/** Counts over the whole house, and what is unfinished in it. */
export const systemStatusProcedure = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => systemStatus(ctx.services, ctx.actor))
