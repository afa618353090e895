import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { queueId, tenantId } from '#server/routers/input'
import { changeQueue } from '#server/services/queue/change'
import { domainAdminProcedure, operatorProcedure } from '#server/trpc'

/** Without a message it is about everything of the tenant that waits. */
const own = z.strictObject({
  queueAct: z.enum(['hold', 'retry', 'cancel', 'expire']),
  queueId: queueId.optional(),
  position: z.number().int().min(0).max(100_000).optional(),
})
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input: { queueAct, ...rest } }: Call<typeof anyTenant>) =>
  changeQueue(ctx.services, ctx.actor, { act: queueAct, ...rest })

export const changeQueueAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyTenant)
  .mutation(call)
export const changeQueueAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(own)
  .mutation(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
