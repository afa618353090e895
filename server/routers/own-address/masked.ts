import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { address, nothing } from '#server/routers/input'
import { changeMasked, createMasked, listOwnAddresses, removeMasked } from '#server/services/own-address/masked'
import { subscriberProcedure } from '#server/trpc'

const meta = { perMinute: PER_MINUTE.change }
const label = z.string().max(200)

export const listOwnAddressesProcedure = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listOwnAddresses(ctx.services, ctx.actor, ownOf(ctx.actor)))

export const createMaskedProcedure = subscriberProcedure
  .meta(meta)
  .input(z.strictObject({ label }))
  .mutation(({ ctx, input }) => createMasked(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))

export const changeMaskedProcedure = subscriberProcedure
  .meta(meta)
  .input(z.strictObject({ address, blocked: z.boolean().optional(), label: label.optional() }))
  .mutation(({ ctx, input }) => changeMasked(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))

export const removeMaskedProcedure = subscriberProcedure
  .meta(meta)
  .input(z.strictObject({ address }))
  .mutation(({ ctx, input }) => removeMasked(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
