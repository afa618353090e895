import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, accountRole, reason, tenantId } from '#server/routers/input'
import { setRole } from '#server/services/account/set-role'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ accountId, role: accountRole, reason })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => setRole(ctx.services, ctx.actor, input)

export const setRoleAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const setRoleAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const setRoleAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
