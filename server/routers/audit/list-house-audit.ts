import { z } from 'zod'
import { page } from '#server/routers/input'
import { listHouseAudit } from '#server/services/audit/list-for-house'
import { operatorProcedure } from '#server/trpc'

export const listHouseAuditProcedure = operatorProcedure
  .input(z.strictObject(page))
  .query(({ ctx, input }) => listHouseAudit(ctx.services, ctx.actor, input))
