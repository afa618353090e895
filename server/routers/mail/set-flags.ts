import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { folderPath, uids } from '#server/routers/input'
import { setFlags } from '#server/services/mail/set-flags'
import { subscriberProcedure } from '#server/trpc'

export const setOwnFlags = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.often })
  .input(
    z.strictObject({
      folder: folderPath,
      uids,
      marks: z.strictObject({
        seen: z.boolean().optional(),
        flagged: z.boolean().optional(),
        answered: z.boolean().optional(),
      }),
    }),
  )
  .mutation(({ ctx, input }) => setFlags(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
