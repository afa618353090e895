import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { domainId, tenantId } from '#server/routers/input'
import { verifyDomain } from '#server/services/domain/verify'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ domainId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) =>
  verifyDomain(ctx.services, ctx.actor, { ...input, txt: ctx.services.dns.txt })

export const verifyDomainAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const verifyDomainAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const verifyDomainAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
