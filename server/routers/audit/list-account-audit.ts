import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { accountId, page, tenantId } from '#server/routers/input'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ ...page, accountId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => listAccountAudit(ctx.services, ctx.actor, input)

export const listAccountAuditAsOperator = operatorProcedure.input(anyTenant).query(call)
export const listAccountAuditAsReseller = resellerProcedure.input(anyTenant).query(call)
/** In the signed-in domain admin's own tenant. */
export const listAccountAuditAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
