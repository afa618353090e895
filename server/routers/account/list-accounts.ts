import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { accountState, page, search, tenantId } from '#server/routers/input'
import { listAccounts } from '#server/services/account/list'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({
  ...page,
  search,
  state: accountState.optional(),
  sort: z.enum(['address', 'name', 'created']).optional(),
})
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => listAccounts(ctx.services, ctx.actor, input)

export const listAccountsAsOperator = operatorProcedure.input(anyTenant).query(call)
export const listAccountsAsReseller = resellerProcedure.input(anyTenant).query(call)
/** In the signed-in domain admin's own tenant. */
export const listAccountsAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
