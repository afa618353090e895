import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { recoverDays, tenantId } from '#server/routers/input'
import { setTenantRetention } from '#server/services/retention/set-tenant-retention'
import { domainAdminProcedure, resellerProcedure } from '#server/trpc'

export const setTenantRetentionAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ tenantId, recoverDays }))
  .mutation(({ ctx, input }) => setTenantRetention(ctx.services, ctx.actor, input))

export const setTenantRetentionAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ recoverDays }))
  .mutation(({ ctx, input }) => setTenantRetention(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))
