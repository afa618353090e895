import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { domainId, tenantId } from '#server/routers/input'
import { removeDomain } from '#server/services/domain/remove'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ domainId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => removeDomain(ctx.services, ctx.actor, input)

export const removeDomainAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const removeDomainAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const removeDomainAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
