import { ownOf } from '#server/routers/call'
import { nothing } from '#server/routers/input'
import { listSenderRules } from '#server/services/sender-rule/list'
import { domainAdminProcedure, operatorProcedure, resellerProcedure, subscriberProcedure } from '#server/trpc'

export const listOwnSenderRules = subscriberProcedure
  .input(nothing)
  .query(({ ctx }) => listSenderRules(ctx.services, ctx.actor, { scope: { level: 'account', ...ownOf(ctx.actor) } }))
export const listSenderRulesAsAdmin = domainAdminProcedure
  .input(nothing)
  .query(({ ctx }) =>
    listSenderRules(ctx.services, ctx.actor, { scope: { level: 'tenant', tenantId: ctx.actor.tenantId } }),
  )
export const listSenderRulesAsReseller = resellerProcedure
  .input(nothing)
  .query(({ ctx }) =>
    listSenderRules(ctx.services, ctx.actor, { scope: { level: 'reseller', resellerId: ctx.actor.resellerId } }),
  )
export const listSenderRulesAsOperator = operatorProcedure
  .input(nothing)
  .query(({ ctx }) => listSenderRules(ctx.services, ctx.actor, { scope: { level: 'operator' } }))
