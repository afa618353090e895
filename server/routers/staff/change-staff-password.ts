import { z } from 'zod'
import { type Call, PER_MINUTE } from '#server/routers/call'
import { password } from '#server/routers/input'
import { changeStaffPassword } from '#server/services/staff/change-password'
import { operatorProcedure, resellerProcedure } from '#server/trpc'

const input = z.strictObject({ current: password, password })
const call = ({ ctx, input: given }: Call<typeof input>) => changeStaffPassword(ctx.services, ctx.actor, given)

/** The password of the member of staff who asks; their sessions end. */
export const changePasswordAsReseller = resellerProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(input)
  .mutation(call)
export const changePasswordAsOperator = operatorProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(input)
  .mutation(call)
