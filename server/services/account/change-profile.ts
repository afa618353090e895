import { directoryChanged, updateAccount } from '#db/control/queries/account'
import { seal } from '#lib/crypto/aead'
import { profileContext } from '#server/directory-cache'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { getAccount } from '#server/services/account/get'
import { nameOf } from '#server/services/input/text'

/** Corrects the name of an account. */
export async function changeProfile(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { name: string; reason?: string },
): Promise<void> {
  const { tenantId, accountId } = input
  const name = nameOf(input.name, 'name')
  const { concerned, personal } = await beginActOn(ctx, actor, 'account.change-profile', { ...input, names: [name] })
  const { address } = await getAccount(ctx, actor, input)
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  const profileSealed = seal(key, Buffer.from(JSON.stringify({ address, name })), profileContext(tenantId, accountId))
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    await updateAccount(tx, { tenantId, accountId }, { profileSealed }, ['active', 'suspended', 'closing'])
    await directoryChanged(tx, tenantId)
    await recordAct(tx, { actor, action: 'account.change-profile', concerned, personal })
  })
  ctx.directoryCache.forget(tenantId)
}
