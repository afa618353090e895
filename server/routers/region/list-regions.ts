import { nothing } from '#server/routers/input'
import { listRegions } from '#server/services/region/list'
import { signedInProcedure } from '#server/trpc'

export const listRegionsProcedure = signedInProcedure
  .input(nothing)
  .query(({ ctx }) => listRegions(ctx.services, ctx.actor))
