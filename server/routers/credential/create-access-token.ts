import { z } from 'zod'
import { LIMITS } from '#lib/limits'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { name } from '#server/routers/input'
import { createAccessToken } from '#server/services/credential/create-access-token'
import { APP_PROTOCOLS } from '#server/services/credential/protocols'
import { subscriberProcedure } from '#server/trpc'

const { least, most } = LIMITS.accessTokenHours

export const createOwnAccessToken = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.sensitive })
  .input(
    z.strictObject({
      label: name,
      protocols: z.array(z.enum(APP_PROTOCOLS)).min(1, 'Choose at least one use.').max(3),
      hours: z.number().int().min(least).max(most),
    }),
  )
  .mutation(({ ctx, input }) => createAccessToken(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
