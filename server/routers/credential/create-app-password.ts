import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { name } from '#server/routers/input'
import { createAppPassword } from '#server/services/credential/create-app-password'
import { APP_PROTOCOLS } from '#server/services/credential/protocols'
import { subscriberProcedure } from '#server/trpc'

export const createOwnAppPassword = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(z.strictObject({ label: name, protocols: z.array(z.enum(APP_PROTOCOLS)).min(1).max(3).optional() }))
  .mutation(({ ctx, input }) => createAppPassword(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
