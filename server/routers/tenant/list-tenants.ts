import { z } from 'zod'
import { page, resellerId, search } from '#server/routers/input'
import { listTenants } from '#server/services/tenant/list'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ ...page, search })

/** Tenants of the signed-in reseller. */
export const listOwnTenants = resellerProcedure
  .input(own)
  .query(({ ctx, input }) => listTenants(ctx.services, ctx.actor, { ...input, resellerId: ctx.actor.resellerId }))

export const listTenantsAsOperator = operatorProcedure
  .input(own.extend({ resellerId }))
  .query(({ ctx, input }) => listTenants(ctx.services, ctx.actor, input))
