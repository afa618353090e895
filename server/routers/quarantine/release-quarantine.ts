import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { uids } from '#server/routers/input'
import { releaseQuarantine } from '#server/services/quarantine/release'
import { subscriberProcedure } from '#server/trpc'

export const releaseOwnQuarantine = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.often })
  .input(z.strictObject({ uids }))
  .mutation(({ ctx, input }) => releaseQuarantine(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
