import { z } from 'zod'
import { nothing, tenantId } from '#server/routers/input'
import { getTenantRetention } from '#server/services/retention/get-tenant-retention'
import { domainAdminProcedure, resellerProcedure } from '#server/trpc'

export const getTenantRetentionAsReseller = resellerProcedure
  .input(z.strictObject({ tenantId }))
  .query(({ ctx, input }) => getTenantRetention(ctx.services, ctx.actor, input))

export const getTenantRetentionAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => getTenantRetention(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))
