import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { accountId, count, nothing, tenantId } from '#server/routers/input'
import { liftFreeze, sendingState, setTenantCap } from '#server/services/sending/state'
import { domainAdminProcedure, operatorProcedure, resellerProcedure } from '#server/trpc'

const anyTenant = z.strictObject({ tenantId })
const state = ({ ctx, input }: Call<typeof anyTenant>) => sendingState(ctx.services, ctx.actor, input)

export const sendingStateAsOperator = operatorProcedure.input(anyTenant).query(state)
export const sendingStateAsReseller = resellerProcedure.input(anyTenant).query(state)
export const sendingStateAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => state({ ctx, input: { tenantId: ctx.actor.tenantId } }))

const ownFreeze = z.strictObject({ accountId })
const anyFreeze = ownFreeze.extend({ tenantId })
const lift = ({ ctx, input }: Call<typeof anyFreeze>) => liftFreeze(ctx.services, ctx.actor, input)

export const liftFreezeAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyFreeze)
  .mutation(lift)
export const liftFreezeAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(anyFreeze)
  .mutation(lift)
export const liftFreezeAsAdmin = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(ownFreeze)
  .mutation(({ ctx, input }) => lift({ ctx, input: { ...input, tenantId: ctx.actor.tenantId } }))

const cap = anyTenant.extend({ perHour: count, perDay: count })
const setCap = ({ ctx, input }: Call<typeof cap>) => setTenantCap(ctx.services, ctx.actor, input)

export const setTenantCapAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(cap)
  .mutation(setCap)
export const setTenantCapAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(cap)
  .mutation(setCap)
