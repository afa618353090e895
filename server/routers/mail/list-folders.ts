import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listFolders } from '#server/services/mail/list-folders'
import { subscriberProcedure } from '#server/trpc'

export const listOwnFolders = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listFolders(ctx.services, ctx.actor, ownOf(ctx.actor)))
