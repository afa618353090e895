import { Fault } from '#lib/errors'
import { authoriseAccount } from '#server/access'
import { readProfile } from '#server/directory-cache'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import type { AccountView } from '#server/services/account/view'

/** One account, freshly read. */
export async function getAccount(ctx: ServiceContext, actor: Actor, input: AccountTarget): Promise<AccountView> {
  const { account } = await authoriseAccount(ctx, actor, 'account.read', input)
  if (!account.profileSealed) throw new Fault('NOT_FOUND', 'There is no such account.')
  const { tenantId, accountId } = input
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  const { address, name } = readProfile(key, account.profileSealed, tenantId, accountId)
  const { role, state, mode, recoverDays, quotaBytes, createdAt, closingUntil } = account
  return { tenantId, accountId, address, name, role, state, mode, recoverDays, quotaBytes, createdAt, closingUntil }
}
