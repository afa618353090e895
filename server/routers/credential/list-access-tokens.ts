import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listAccessTokens } from '#server/services/credential/list-access-tokens'
import { subscriberProcedure } from '#server/trpc'

export const listOwnAccessTokens = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listAccessTokens(ctx.services, ctx.actor, ownOf(ctx.actor)))
