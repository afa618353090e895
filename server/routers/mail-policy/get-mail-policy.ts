import { nothing } from '#server/routers/input'
import { getMailPolicy } from '#server/services/mail-policy/get'
import { domainAdminProcedure } from '#server/trpc'

export const getMailPolicyAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) => getMailPolicy(ctx.services, ctx.actor, { tenantId: ctx.actor.tenantId }))
