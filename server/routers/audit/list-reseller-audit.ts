import { z } from 'zod'
import { page, resellerId } from '#server/routers/input'
import { listResellerAudit } from '#server/services/audit/list-for-reseller'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

export const listResellerAuditAsOperator = operatorProcedure
  .input(z.strictObject({ ...page, resellerId }))
  .query(({ ctx, input }) => listResellerAudit(ctx.services, ctx.actor, input))

/** Of the signed-in reseller itself. */
export const listOwnResellerAudit = resellerProcedure
  .input(z.strictObject(page))
  .query(({ ctx, input }) => listResellerAudit(ctx.services, ctx.actor, { ...input, resellerId: ctx.actor.resellerId }))
