import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { ruleId } from '#server/routers/input'
import { removeSenderRule } from '#server/services/sender-rule/remove'
import { domainAdminProcedure, operatorProcedure, resellerProcedure, subscriberProcedure } from '#server/trpc'

const input = z.strictObject({ ruleId })
const meta = { perMinute: PER_MINUTE.change }

export const removeOwnSenderRule = subscriberProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    removeSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'account', ...ownOf(ctx.actor) } }),
  )
export const removeSenderRuleAsAdmin = domainAdminProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    removeSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'tenant', tenantId: ctx.actor.tenantId } }),
  )
export const removeSenderRuleAsReseller = resellerProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    removeSenderRule(ctx.services, ctx.actor, {
      ...given,
      scope: { level: 'reseller', resellerId: ctx.actor.resellerId },
    }),
  )
export const removeSenderRuleAsOperator = operatorProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    removeSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'operator' } }),
  )
