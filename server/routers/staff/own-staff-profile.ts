import { nothing } from '#server/routers/input'
import { getOwnStaffProfile } from '#server/services/staff/get-own'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

/** Name and address of the member of staff who asks. */
export const ownProfileAsReseller = resellerProcedure
  .input(nothing)
  .query(({ ctx }) => getOwnStaffProfile(ctx.services, ctx.actor))
export const ownProfileAsOperator = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => getOwnStaffProfile(ctx.services, ctx.actor))
