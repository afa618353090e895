import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountRole, address, bytes, name, password, tenantId } from '#server/routers/input'
import { createAccount } from '#server/services/account/create'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({
  address,
  name: name.optional(),
  password,
  role: accountRole.optional(),
  quotaBytes: bytes.optional(),
})
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => createAccount(ctx.services, ctx.actor, input)

export const createAccountAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const createAccountAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
/** In the signed-in domain admin's own tenant. */
export const createAccountAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
