import type { AccountId, TenantId } from '#lib/ids'
import type { ReceiptPartSeen } from '#mailcore/api'
import { authoriseAccount } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

/** What left with a message that the account sent, and how each host took it. */
export interface ReceiptView {
  /** The header exactly as it left; signatures were added after it */
  header: string
  removed: string[]
  /** Reached without leaving the network (promise P10) */
  local: string[]
  remote: string[]
  attempts: (Extract<ReceiptPartSeen['part'], { kind: 'attempt' }> & { seenAt: Date })[]
}

/** The privacy receipt of a sent message by its Message-ID, with or without brackets; null where none is kept. The owner's alone: it opens under their key. */
export async function getReceipt(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; accountId: AccountId; messageId: string },
): Promise<ReceiptView | null> {
  const { tenantId, accountId, messageId } = input
  const { account } = await authoriseAccount(ctx, actor, 'account.trace', input)
  const parts = await ctx.core.receipts.ofMessage({ tenantId, accountId, region: account.region }, messageId)
  const submitted = parts.map(({ part }) => part).filter((part) => part.kind === 'submitted')
  const [first] = submitted
  if (!first) return null
  return {
    header: first.header,
    removed: [...first.removed],
    local: [...new Set(submitted.flatMap(({ local }) => local))],
    remote: [...new Set(submitted.flatMap(({ remote }) => remote))],
    attempts: parts.flatMap(({ part, at }) => (part.kind === 'attempt' ? [{ ...part, seenAt: at }] : [])),
  }
}
