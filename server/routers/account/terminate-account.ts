import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, reason, tenantId } from '#server/routers/input'
import { terminateAccount } from '#server/services/account/terminate'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId, reason })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => terminateAccount(ctx.services, ctx.actor, input)

export const terminateAccountAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
export const terminateAccountAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const terminateAccountAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
