import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { domainId, tenantId } from '#server/routers/input'
import { readDns } from '#server/services/dns/read'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const own = z.strictObject({ domainId })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => readDns(ctx.services, ctx.actor, input)

export const readDnsAsOperator = operatorProcedure.input(anyTenant).query(call)
export const readDnsAsReseller = resellerProcedure.input(anyTenant).query(call)
export const readDnsAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
