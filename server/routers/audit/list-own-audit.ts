import { z } from 'zod'
import { ownOf } from '#server/routers/call'
import { page } from '#server/routers/input'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { subscriberProcedure } from '#server/trpc'

export const listOwnAudit = subscriberProcedure
  .input(z.strictObject(page))
  .query(({ ctx, input }) => listAccountAudit(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
