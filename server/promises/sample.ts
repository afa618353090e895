import { type AccountRow, selectAllAccounts } from '#db/control/queries/account'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import type { ServiceContext } from '#server/services'

/** All accounts, tenant by tenant, closed ones included. */
export async function* everyAccount(ctx: ServiceContext): AsyncIterable<AccountRow> {
  const tenants = await ctx.db.control.withSystem('fsck', selectTenantPlaces)
  for (const { id } of tenants) {
    yield* await ctx.db.control.withTenant(id, (tx) => selectAllAccounts(tx, id))
  }
}

/** Up to `most` living accounts, spread over the tenants as they come. */
export async function sampleAccounts(ctx: ServiceContext, most: number): Promise<AccountRow[]> {
  const sample: AccountRow[] = []
  for await (const account of everyAccount(ctx)) {
    if (account.state === 'active' && account.profileSealed !== null) sample.push(account)
    if (sample.length >= most) break
  }
  return sample
}
