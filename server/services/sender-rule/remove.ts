import { deleteSenderRule, type RuleScope } from '#db/control/queries/sender-rule'
import { Fault } from '#lib/errors'
import type { RuleId } from '#lib/ids'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { openScope } from '#server/services/sender-rule/scope'

/** Removes a rule of this level. Throws NOT_FOUND. */
export async function removeSenderRule(
  ctx: ServiceContext,
  actor: Actor,
  input: { scope: RuleScope; ruleId: RuleId },
): Promise<void> {
  const { scope, ruleId } = input
  const { concerned, within } = await openScope(ctx, actor, scope)
  await within(async (tx) => {
    if (!(await deleteSenderRule(tx, scope, ruleId))) throw new Fault('NOT_FOUND', 'There is no such rule.')
    await recordAct(tx, { actor, action: 'sender-rule.remove', concerned, facts: { rule: ruleId, level: scope.level } })
  })
}
