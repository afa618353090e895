import { z } from 'zod'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { ruleAction, senderPattern } from '#server/routers/input'
import { addSenderRule } from '#server/services/sender-rule/add'
import { domainAdminProcedure, operatorProcedure, resellerProcedure, subscriberProcedure } from '#server/trpc'

const input = z.strictObject({ action: ruleAction, pattern: senderPattern })
const meta = { perMinute: PER_MINUTE.change }

export const addOwnSenderRule = subscriberProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    addSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'account', ...ownOf(ctx.actor) } }),
  )
export const addSenderRuleAsAdmin = domainAdminProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    addSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'tenant', tenantId: ctx.actor.tenantId } }),
  )
export const addSenderRuleAsReseller = resellerProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    addSenderRule(ctx.services, ctx.actor, {
      ...given,
      scope: { level: 'reseller', resellerId: ctx.actor.resellerId },
    }),
  )
export const addSenderRuleAsOperator = operatorProcedure
  .meta(meta)
  .input(input)
  .mutation(({ ctx, input: given }) =>
    addSenderRule(ctx.services, ctx.actor, { ...given, scope: { level: 'operator' } }),
  )
