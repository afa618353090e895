import { type RuleScope, selectSenderRules } from '#db/control/queries/sender-rule'
import { open } from '#lib/crypto/aead'
import type { RuleId } from '#lib/ids'
import type { Actor, ServiceContext } from '#server/services'
import { openScope, patternContext } from '#server/services/sender-rule/scope'

export interface SenderRuleView {
  id: RuleId
  action: 'allow' | 'block'
  pattern: string
  createdAt: Date
}

/** The rules of one level, newest first. */
export async function listSenderRules(
  ctx: ServiceContext,
  actor: Actor,
  input: { scope: RuleScope },
): Promise<SenderRuleView[]> {
  const { key, within } = await openScope(ctx, actor, input.scope)
  const rows = await within((tx) => selectSenderRules(tx, input.scope))
  if (rows.length === 0) return []
  const opened = await key()
  return rows.map(({ id, action, patternSealed, createdAt }) => ({
    id,
    action,
    pattern: open(opened, patternSealed, patternContext(id)).toString(),
    createdAt,
  }))
}
