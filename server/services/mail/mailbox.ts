import type { MailStore } from '#mailcore/api'
import { type AccountAct, authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'

/** Opens the mailbox for `work` once the actor has been found to be its owner, and closes its keys afterwards. */
export async function withMailbox<R>(
  ctx: ServiceContext,
  actor: Actor,
  act: AccountAct,
  target: AccountTarget,
  work: (store: MailStore) => Promise<R>,
): Promise<R> {
  const { account } = await authoriseAccount(ctx, actor, act, target)
  const { tenantId, accountId } = target
  const store = await ctx.core.open({ tenantId, accountId, region: account.region })
  try {
    return await work(store)
  } finally {
    store.close()
  }
}
