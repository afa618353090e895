import { z } from 'zod'
import { type Call, ownOf } from '#server/routers/call'
import { page, search, tenantId, traceId } from '#server/routers/input'
import { listOwnWays, listWays } from '#server/services/trace/list'
import { getReceipt } from '#server/services/trace/receipt'
import { domainAdminProcedure, operatorProcedure, resellerProcedure, subscriberProcedure } from '#server/trpc'

const own = z.strictObject({
  ...page,
  search,
  direction: z.enum(['in', 'out']).optional(),
  troubled: z.boolean().optional(),
})
const ofTenant = own.extend({ traceId: traceId.optional() })
const anyTenant = ofTenant.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => listWays(ctx.services, ctx.actor, input)

export const listOwnWaysProcedure = subscriberProcedure
  .input(own)
  .query(({ ctx, input }) => listOwnWays(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
export const listWaysAsAdmin = domainAdminProcedure
  .input(ofTenant)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
export const listWaysAsReseller = resellerProcedure.input(anyTenant).query(call)
export const listWaysAsOperator = operatorProcedure.input(anyTenant).query(call)

export const getReceiptProcedure = subscriberProcedure
  .input(z.strictObject({ messageId: z.string().min(1).max(1_000) }))
  .query(({ ctx, input }) => getReceipt(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
