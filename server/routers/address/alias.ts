import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { accountId, address } from '#server/routers/input'
import { createAlias, removeAlias } from '#server/services/address/alias'
import { domainAdminProcedure } from '#server/trpc'

const meta = { perMinute: PER_MINUTE.change }

export const createAliasProcedure = domainAdminProcedure
  .meta(meta)
  .input(z.strictObject({ accountId, address }))
  .mutation(({ ctx, input }) => createAlias(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const removeAliasProcedure = domainAdminProcedure
  .meta(meta)
  .input(z.strictObject({ address }))
  .mutation(({ ctx, input }) => removeAlias(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))
