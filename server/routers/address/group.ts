import { z } from 'zod'
import { PER_MINUTE } from '#server/routers/call'
import { accountId, address, domainId, groupId, groupKind, memberId, nothing, posting } from '#server/routers/input'
import { setCatchAll } from '#server/services/address/catch-all'
import { changeGroup, createGroup, removeGroup } from '#server/services/address/group'
import { addMembers, removeMember } from '#server/services/address/member'
import { getGroup, listAddresses } from '#server/services/address/read'
import { domainAdminProcedure } from '#server/trpc'

const meta = { perMinute: PER_MINUTE.change }
const text = z.string().max(500)
const group = z.strictObject({ groupId })

export const listAddressesProcedure = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => listAddresses(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))

export const getGroupProcedure = domainAdminProcedure
  .input(group)
  .query(({ ctx, input }) => getGroup(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const createGroupProcedure = domainAdminProcedure
  .meta(meta)
  .input(z.strictObject({ kind: groupKind, address, name: text, description: text, posting }))
  .mutation(({ ctx, input }) => createGroup(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const changeGroupProcedure = domainAdminProcedure
  .meta(meta)
  .input(group.extend({ name: text, description: text, posting }))
  .mutation(({ ctx, input }) => changeGroup(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const removeGroupProcedure = domainAdminProcedure
  .meta(meta)
  .input(group)
  .mutation(({ ctx, input }) => removeGroup(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const addMembersProcedure = domainAdminProcedure
  .meta(meta)
  .input(group.extend({ addresses: z.array(z.string().max(320)).min(1).max(500) }))
  .mutation(({ ctx, input }) => addMembers(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const removeMemberProcedure = domainAdminProcedure
  .meta(meta)
  .input(group.extend({ memberId }))
  .mutation(({ ctx, input }) => removeMember(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const setCatchAllProcedure = domainAdminProcedure
  .meta(meta)
  .input(z.strictObject({ domainId, accountId }))
  .mutation(({ ctx, input }) => setCatchAll(ctx.services, ctx.actor, { ...input, tenantId: ctx.actor.tenantId }))

export const clearCatchAllProcedure = domainAdminProcedure
  .meta(meta)
  .input(z.strictObject({ domainId }))
  .mutation(({ ctx, input }) =>
    setCatchAll(ctx.services, ctx.actor, { ...input, accountId: null, tenantId: ctx.actor.tenantId }),
  )
