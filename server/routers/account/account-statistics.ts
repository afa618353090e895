import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { accountId, tenantId } from '#server/routers/input'
import { accountStatistics } from '#server/services/account/statistics'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => accountStatistics(ctx.services, ctx.actor, input)

export const accountStatisticsAsOperator = operatorProcedure.input(anyTenant).query(call)
export const accountStatisticsAsReseller = resellerProcedure.input(anyTenant).query(call)
/** In the signed-in domain admin's own tenant. */
export const accountStatisticsAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
