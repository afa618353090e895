import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { nothing, tenantId } from '#server/routers/input'
import { getTenant } from '#server/services/tenant/get'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({ tenantId })
const call = ({ ctx, input: given }: Call<typeof input>) => getTenant(ctx.services, ctx.actor, given)

export const getTenantAsOperator = operatorProcedure.input(input).query(call)
export const getTenantAsReseller = resellerProcedure.input(input).query(call)

/** The signed-in domain admin's own tenant. */
export const getOwnTenant = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => getTenant(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))
