import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, password, reason, tenantId } from '#server/routers/input'
import { resetPassword } from '#server/services/account/reset-password'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId, password, reason })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => resetPassword(ctx.services, ctx.actor, input)

export const resetPasswordAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
export const resetPasswordAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const resetPasswordAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
