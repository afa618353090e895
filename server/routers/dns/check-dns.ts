import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { domainId, tenantId } from '#server/routers/input'
import { checkDns } from '#server/services/dns/check'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ domainId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => checkDns(ctx.services, ctx.actor, input)

export const checkDnsAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
export const checkDnsAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(anyTenant)
  .mutation(call)
export const checkDnsAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
