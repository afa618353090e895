import { listRegions } from '#server/services/region/list'
import { signedInProcedure } from '#server/trpc'

export const listRegionsProcedure = signedInProcedure.query(({ ctx }) => listRegions(ctx.services, ctx.actor))
