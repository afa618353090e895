import { z } from 'zod'
import { LIMITS } from '#lib/limits'
import { domainId } from '#server/routers/input'
import { getDomainReports } from '#server/services/report/get-domain-reports'
import { domainAdminProcedure } from '#server/trpc'

const input = z.strictObject({
  domainId,
  days: z.number().int().min(1).max(LIMITS.reportDays).optional(),
  unproven: z.boolean().optional(),
})

/** About a domain of the signed-in domain admin's own tenant. */
export const getDomainReportsAsAdmin = domainAdminProcedure
  .meta({ perMinute: 120 })
  .input(input)
  .query(({ ctx, input: { days = 30, ...given } }) =>
    getDomainReports(ctx.services, ctx.actor, { ...given, days, tenantId: ctx.actor.tenantId }),
  )
