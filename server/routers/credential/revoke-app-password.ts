import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { credentialId } from '#server/routers/input'
import { revokeAppPassword } from '#server/services/credential/revoke'
import { subscriberProcedure } from '#server/trpc'

export const revokeOwnAppPassword = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ credentialId }))
  .mutation(({ ctx, input }) => revokeAppPassword(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
