import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { credentialId } from '#server/routers/input'
import { revokeAccessToken } from '#server/services/credential/revoke-access-token'
import { subscriberProcedure } from '#server/trpc'

export const revokeOwnAccessToken = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ tokenId: credentialId }))
  .mutation(({ ctx, input }) => revokeAccessToken(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
