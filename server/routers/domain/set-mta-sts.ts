import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { domainId, tenantId } from '#server/routers/input'
import { setDomainMtaSts } from '#server/services/domain/set-mta-sts'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ domainId, mode: z.enum(['none', 'testing', 'enforce']) })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => setDomainMtaSts(ctx.services, ctx.actor, input)

export const setMtaStsAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const setMtaStsAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const setMtaStsAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
