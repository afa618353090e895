import { z } from 'zod'
import type { Call } from '#server/routers/call'
import { nothing, page, tenantId } from '#server/routers/input'
import { listWaiting, queueOverview } from '#server/services/queue/list'
import { domainAdminProcedure, operatorProcedure } from '#server/trpc'

const own = z.strictObject({ ...page })
const anyTenant = own.extend({ tenantId })
const call = ({ ctx, input }: Call<typeof anyTenant>) => listWaiting(ctx.services, ctx.actor, input)

export const listWaitingAsOperator = operatorProcedure.input(anyTenant).query(call)
export const listWaitingAsAdmin = domainAdminProcedure
  .input(own)
  .query(({ ctx, input }) => call({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))
export const queueOverviewProcedure = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => queueOverview(ctx.services, ctx.actor))
