import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, name, reason, tenantId } from '#server/routers/input'
import { changeProfile } from '#server/services/account/change-profile'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId, name, reason })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => changeProfile(ctx.services, ctx.actor, input)

export const changeProfileAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const changeProfileAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const changeProfileAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
