import { nothing } from '#server/routers/input'
import { listAmiss } from '#server/services/dns/amiss'
import { domainAdminProcedure } from '#server/trpc'

/** Of the signed-in domain admin's own tenant. */
export const listAmissAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => listAmiss(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))
