import { countSenderRules, insertSenderRule, type RuleScope, scopeColumns } from '#db/control/queries/sender-rule'
import { isTaken } from '#db/control/queries/taken'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import { newId, type RuleId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { parseSenderPattern } from '#mailcore/api'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { openScope, patternContext } from '#server/services/sender-rule/scope'

/** Lets a sender in or keeps one out. Throws BAD_REQUEST for what is no pattern, CONFLICT when this level has a rule for it, LIMIT. */
export async function addSenderRule(
  ctx: ServiceContext,
  actor: Actor,
  input: { scope: RuleScope; action: 'allow' | 'block'; pattern: string },
): Promise<{ id: RuleId; pattern: string }> {
  const { scope, action } = input
  const { concerned, key, within } = await openScope(ctx, actor, scope)
  const pattern = parseSenderPattern(input.pattern)
  if (!pattern)
    throw new Fault(
      'BAD_REQUEST',
      'Give an address, a domain, .domain for all below it, or a network such as 192.0.2.0/24.',
      {
        field: 'pattern',
      },
    )
  const id = newId<RuleId>()
  const patternSealed = seal(await key(), Buffer.from(pattern.text), patternContext(id))
  const patternHash = ctx.core.senderHash(pattern.text)
  try {
    await within(async (tx) => {
      if ((await countSenderRules(tx, scope)) >= LIMITS.senderRulesPerLevel)
        throw new Fault('LIMIT', `There are ${LIMITS.senderRulesPerLevel} rules already. Remove one first.`)
      const createdAt = ctx.clock.now()
      await insertSenderRule(tx, { ...scopeColumns(scope), id, action, patternHash, patternSealed, createdAt })
      const facts = { rule: id, level: scope.level, effect: action, kind: pattern.kind }
      await recordAct(tx, { actor, action: 'sender-rule.add', concerned, facts })
    })
  } catch (error) {
    if (isTaken(error)) throw new Fault('CONFLICT', 'There is a rule for this sender already.', { field: 'pattern' })
    throw error
  }
  return { id, pattern: pattern.text }
}
