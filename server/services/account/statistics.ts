import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'

/** How full a mailbox is. */
export interface AccountStatistics {
  usedBytes: number
  messages: number
  quotaBytes: number
}

export async function accountStatistics(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget,
): Promise<AccountStatistics> {
  const { account } = await authoriseAccount(ctx, actor, 'account.read', input)
  const usage = (await ctx.core.usage(input.tenantId, account.region)).get(input.accountId)
  return { usedBytes: usage?.usedBytes ?? 0, messages: usage?.messages ?? 0, quotaBytes: account.quotaBytes }
}
