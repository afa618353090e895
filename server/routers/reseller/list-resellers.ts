import { z } from 'zod'
import { page } from '#server/routers/input'
import { listResellers } from '#server/services/reseller/list'
import { operatorProcedure } from '#server/trpc'

export const listResellersProcedure = operatorProcedure
  .input(z.strictObject(page))
  .query(({ ctx, input }) => listResellers(ctx.services, ctx.actor, input))
