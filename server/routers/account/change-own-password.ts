import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { password } from '#server/routers/input'
import { changePassword } from '#server/services/account/change-password'
import { subscriberProcedure } from '#server/trpc'

export const changeOwnPassword = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(z.strictObject({ current: password, password, revokeAppPasswords: z.boolean().optional() }))
  .mutation(({ ctx, input }) => changePassword(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
