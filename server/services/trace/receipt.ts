import type { AccountId, RegionId, TenantId } from '#lib/ids'
import type { ReceiptPartSeen } from '#mailcore/api'
import { authoriseAccount } from '#server/access'
import { recordAct } from '#server/ledger'
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

/** The same for whoever runs the instance; the owner reads in their ledger that it was read. */
export async function readReceipt(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; accountId: AccountId; messageId: string },
): Promise<ReceiptView | null> {
  const { tenantId, accountId, messageId } = input
  const { account, tenant } = await authoriseAccount(ctx, actor, 'account.export', input)
  const view = await viewOf(ctx, { tenantId, accountId, region: account.region }, messageId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    await recordAct(tx, { actor, action: 'receipt.read', concerned })
  })
  return view
}

/** The privacy receipt of a sent message by its Message-ID, with or without brackets; null where none is kept. The owner's alone: it opens under their key. */
export async function getReceipt(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; accountId: AccountId; messageId: string },
): Promise<ReceiptView | null> {
  const { tenantId, accountId, messageId } = input
  const { account } = await authoriseAccount(ctx, actor, 'account.trace', input)
  return viewOf(ctx, { tenantId, accountId, region: account.region }, messageId)
}

async function viewOf(
  ctx: ServiceContext,
  account: { tenantId: TenantId; accountId: AccountId; region: RegionId },
  messageId: string,
): Promise<ReceiptView | null> {
  const parts = await ctx.core.receipts.ofMessage(account, messageId)
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
