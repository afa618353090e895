import { ownOf } from '#server/routers/call'
import { listFolders } from '#server/services/mail/list-folders'
import { subscriberProcedure } from '#server/trpc'

export const listOwnFolders = subscriberProcedure.query(({ ctx }) =>
  listFolders(ctx.services, ctx.actor, ownOf(ctx.actor)),
)
