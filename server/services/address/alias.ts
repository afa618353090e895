import { directoryChanged, selectAccount } from '#db/control/queries/account'
import { countSecondary, insertAddress, releaseSecondary } from '#db/control/queries/directory'
import { isTaken } from '#db/control/queries/taken'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { AccountId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { sealAlias } from '#lib/sealed-address'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { claimable, hashOf, inUse, wholeAddress } from '#server/services/address/claim'
import { addressOf } from '#server/services/input/text'

/** Gives an account one more address. Throws CONFLICT for one in use, LIMIT, NOT_FOUND for the account. */
export async function createAlias(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; accountId: AccountId; address: string },
): Promise<{ address: string }> {
  const { tenantId, accountId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const { address, domain } = wholeAddress(input.address)
  const addressHash = hashOf(ctx, address)
  const key = await ctx.core.keys.tenantKey(tenantId)
  const sealed = sealAlias(key, tenantId, addressHash, { address, label: '' })
  try {
    await ctx.db.control.withTenant(tenantId, async (tx) => {
      const account = await selectAccount(tx, { tenantId, accountId })
      if (!account || account.state === 'closed')
        throw new Fault('NOT_FOUND', 'There is no such account.', { field: 'accountId' })
      if ((await countSecondary(tx, { tenantId, accountId, kind: 'alias' })) >= LIMITS.aliasesPerAccount)
        throw new Fault('LIMIT', `This account has ${LIMITS.aliasesPerAccount} aliases already. Remove one first.`)
      const domainId = await claimable(tx, { tenantId, domain, addressHash })
      const createdAt = ctx.clock.now()
      await insertAddress(tx, { addressHash, tenantId, accountId, domainId, kind: 'alias', sealed, createdAt })
      const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
      await recordAct(tx, { actor, action: 'alias.add', concerned })
      await directoryChanged(tx, tenantId)
    })
  } catch (error) {
    throw isTaken(error) ? inUse() : error
  }
  return { address }
}

/** Takes an alias from its account. Nobody elsewhere can have it for a while; this organisation may give it again at once. */
export async function removeAlias(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; address: string },
): Promise<void> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const addressHash = hashOf(ctx, addressOf(input.address).address)
  const freeAt = new Date(ctx.clock.now().getTime() + LIMITS.addressQuarantineDays * DAY_MS)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const released = await releaseSecondary(tx, { tenantId, addressHash, kind: 'alias', freeAt })
    if (!released) throw new Fault('NOT_FOUND', 'There is no such alias.')
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId: released.accountId }
    await recordAct(tx, { actor, action: 'alias.remove', concerned })
    await directoryChanged(tx, tenantId)
  })
}
