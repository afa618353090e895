import { nothing } from '#server/routers/input'
import { quarantineOverview } from '#server/services/quarantine/overview'
import { domainAdminProcedure } from '#server/trpc'

export const quarantineOverviewAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => quarantineOverview(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))
