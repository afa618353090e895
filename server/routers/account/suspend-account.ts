import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, reason, tenantId } from '#server/routers/input'
import { suspendAccount } from '#server/services/account/suspend'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId, reason })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => suspendAccount(ctx.services, ctx.actor, input)

export const suspendAccountAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const suspendAccountAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const suspendAccountAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
