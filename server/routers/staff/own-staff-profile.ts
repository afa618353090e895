import { getOwnStaffProfile } from '#server/services/staff/get-own'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

/** Name and address of the member of staff who asks. */
export const ownProfileAsReseller = resellerProcedure.query(({ ctx }) => getOwnStaffProfile(ctx.services, ctx.actor))
export const ownProfileAsOperator = operatorProcedure.query(({ ctx }) => getOwnStaffProfile(ctx.services, ctx.actor))
