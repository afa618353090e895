import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { page } from '#server/routers/input'
import { unsuppress } from '#server/services/queue/change'
import { listSuppressed } from '#server/services/queue/list'
import { domainAdminProcedure } from '#server/trpc'

export const listSuppressedProcedure = domainAdminProcedure
  .input(z.strictObject({ ...page }))
  .query(({ ctx, input }) => listSuppressed(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

const suppression = z.string().regex(/^[0-9a-f]{32}$/, 'This is not on the list.')

export const unsuppressProcedure = domainAdminProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(z.strictObject({ suppression }))
  .mutation(({ ctx, input }) => unsuppress(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))
