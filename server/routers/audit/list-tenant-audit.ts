import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { page, tenantId } from '#server/routers/input'
import { listTenantAudit } from '#server/services/audit/list-for-tenant'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject(page)
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => listTenantAudit(ctx.services, ctx.actor, input)

export const listTenantAuditAsOperator = operatorProcedure.input(anyTenant).query(call)
export const listTenantAuditAsReseller = resellerProcedure.input(anyTenant).query(call)
/** Of the signed-in domain admin's own tenant. */
export const listTenantAuditAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
