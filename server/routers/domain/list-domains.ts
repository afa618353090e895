import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { nothing, tenantId } from '#server/routers/input'
import { listDomains } from '#server/services/domain/list'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({ tenantId })
const call = ({ ctx, input: given }: Call<typeof input>) => listDomains(ctx.services, ctx.actor, given)

export const listDomainsAsOperator = operatorProcedure.input(input).query(call)
export const listDomainsAsReseller = resellerProcedure.input(input).query(call)
/** Of the signed-in domain admin's own tenant. */
export const listDomainsAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => call({ ctx, input: { tenantId: ctx.actor.tenantId } }))
