import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listQuarantine } from '#server/services/quarantine/list'
import { subscriberProcedure } from '#server/trpc'

export const listOwnQuarantine = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listQuarantine(ctx.services, ctx.actor, ownOf(ctx.actor)))
